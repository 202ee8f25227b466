-- Random keys, by which an account or a session is told from another that was given the same id before or after a
-- restored backup. Tokens carry them. The default serves former programs, which insert rows without one.

ALTER TABLE users ADD COLUMN key BYTEA NOT NULL DEFAULT uuid_send(gen_random_uuid());
ALTER TABLE sessions ADD COLUMN key BYTEA NOT NULL DEFAULT uuid_send(gen_random_uuid());

-- A user has few live sessions, however many have ended.
CREATE INDEX sessions_live ON sessions (user_id, id) WHERE ended_at IS NULL;
-- Whether a token of another issuer was revoked is found by its id.
CREATE INDEX revocations_subject ON revocations (subject);

INSERT INTO schema_expansions (version) VALUES ('20261126000015');
