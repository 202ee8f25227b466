-- What is too old to be kept is found by its age.
CREATE INDEX notifications_created_at ON notifications (created_at);
CREATE INDEX jobs_dead_at ON jobs (dead_at) WHERE dead_at IS NOT NULL;

INSERT INTO schema_expansions (version) VALUES ('20261126000027');
