-- The tables of the peer and the rows of product-postgres.sql.
BEGIN;

CREATE TABLE users (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email TEXT NOT NULL UNIQUE
);
CREATE TABLE projects (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT,
    status TEXT NOT NULL,
    owner_id BIGINT NOT NULL REFERENCES users (id),
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX projects_owner_id ON projects (owner_id);
CREATE TABLE tasks (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id BIGINT NOT NULL REFERENCES projects (id),
    title TEXT NOT NULL,
    description TEXT,
    status TEXT NOT NULL,
    priority TEXT NOT NULL,
    assignee_id BIGINT REFERENCES users (id),
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX tasks_project_id ON tasks (project_id, id);
CREATE INDEX tasks_assignee_id ON tasks (assignee_id);
CREATE TABLE comments (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task_id BIGINT NOT NULL REFERENCES tasks (id),
    author_id BIGINT NOT NULL REFERENCES users (id),
    body TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX comments_task_id ON comments (task_id, id);

INSERT INTO users (email) SELECT 'user' || n || '@example.org' FROM generate_series(1, :users) AS n;

INSERT INTO projects (name, status, owner_id, created_at, updated_at, version)
SELECT 'Project ' || n, 'active', (n - 1) % :users + 1, now(), now(), 1
FROM generate_series(1, :projects) AS n;

INSERT INTO tasks (project_id, title, status, priority, assignee_id, created_at, updated_at, version)
SELECT (n - 1) % :projects + 1, 'Water the roses behind house ' || n, 'todo', 'medium',
    ((n - 1) % :projects + 1) % :users + 1, now(), now(), 1
FROM generate_series(1, :tasks) AS n;

COMMIT;
