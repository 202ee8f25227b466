-- The tables of the peer and the rows of product-sqlite.sql. Timestamps are text as sqlx writes it.
PRAGMA journal_mode = WAL;
BEGIN;

CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE
);
CREATE TABLE projects (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT,
    status TEXT NOT NULL,
    owner_id INTEGER NOT NULL REFERENCES users (id),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL
);
CREATE INDEX projects_owner_id ON projects (owner_id);
CREATE TABLE tasks (
    id INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL REFERENCES projects (id),
    title TEXT NOT NULL,
    description TEXT,
    status TEXT NOT NULL,
    priority TEXT NOT NULL,
    assignee_id INTEGER REFERENCES users (id),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL
);
CREATE INDEX tasks_project_id ON tasks (project_id);
CREATE INDEX tasks_assignee_id ON tasks (assignee_id);
CREATE TABLE comments (
    id INTEGER PRIMARY KEY,
    task_id INTEGER NOT NULL REFERENCES tasks (id),
    author_id INTEGER NOT NULL REFERENCES users (id),
    body TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX comments_task_id ON comments (task_id);

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :users)
INSERT INTO users (email) SELECT 'user' || n || '@example.org' FROM numbers;

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :projects)
INSERT INTO projects (name, status, owner_id, created_at, updated_at, version)
SELECT 'Project ' || n, 'active', (n - 1) % :users + 1, strftime('%Y-%m-%dT%H:%M:%f000+00:00'),
    strftime('%Y-%m-%dT%H:%M:%f000+00:00'), 1
FROM numbers;

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :tasks)
INSERT INTO tasks (project_id, title, status, priority, assignee_id, created_at, updated_at, version)
SELECT (n - 1) % :projects + 1, 'Water the roses behind house ' || n, 'todo', 'medium',
    ((n - 1) % :projects + 1) % :users + 1, strftime('%Y-%m-%dT%H:%M:%f000+00:00'),
    strftime('%Y-%m-%dT%H:%M:%f000+00:00'), 1
FROM numbers;

COMMIT;
ANALYZE;
