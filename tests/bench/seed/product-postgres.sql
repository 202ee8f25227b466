-- The rows of product-sqlite.sql, for PostgreSQL.
BEGIN;

INSERT INTO users (email, display_name, role, is_active, password_hash, token_epoch, created_at, updated_at, version,
    is_email_verified, is_external, project_count)
SELECT 'user' || n || '@example.org', 'User ' || n, 'user', TRUE,
    '$2b$12$SN68WOFotY17vacTJvNqveqSC6mfjw3GKa1QQAyoZbkGFP4zCXRV2', 0, now(), now(), 1,
    TRUE, FALSE, CASE WHEN n <= :users THEN :projects / :users ELSE 0 END
FROM generate_series(1, 2 * :users) AS n;

INSERT INTO projects (name, status, owner_id, created_at, updated_at, version, task_count)
SELECT 'Project ' || n, 'active', (n - 1) % :users + 1, now(), now(), 1, :tasks / :projects
FROM generate_series(1, :projects) AS n;

INSERT INTO tasks (project_id, title, status, priority, assignee_id, created_at, updated_at, version, comment_count)
SELECT (n - 1) % :projects + 1, 'Water the roses behind house ' || n, 'todo', 'medium',
    ((n - 1) % :projects + 1) % :users + 1, now(), now(), 1, 0
FROM generate_series(1, :tasks) AS n;

INSERT INTO project_statistics (project_id, todo, in_progress, done, updated_at)
SELECT id, :tasks / :projects, 0, 0, now() FROM projects;

COMMIT;
