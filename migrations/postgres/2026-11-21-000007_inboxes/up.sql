-- The project that each user's todos are kept in, made with the first of them.
CREATE TABLE inboxes (
    user_id BIGINT PRIMARY KEY REFERENCES users (id),
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    CONSTRAINT inboxes_project_id_key UNIQUE (project_id)
);

INSERT INTO schema_expansions (version) VALUES ('20261121000007');
