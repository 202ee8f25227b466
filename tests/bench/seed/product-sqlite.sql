-- Rows for fasttrack on SQLite, into a migrated database without any. The password of each user is
-- `correct horse battery staple`. Users of the second half only log in: each login ends a session beyond the fiftieth.
-- A task belongs to the user that owns its project, and is assigned to the next.
BEGIN;

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2 * :users)
INSERT INTO users (email, display_name, role, is_active, password_hash, token_epoch, created_at, updated_at, version,
    is_email_verified, is_external, project_count)
SELECT 'user' || n || '@example.org', 'User ' || n, 'user', TRUE,
    '$2b$12$SN68WOFotY17vacTJvNqveqSC6mfjw3GKa1QQAyoZbkGFP4zCXRV2', 0, unixepoch() * 1000000, unixepoch() * 1000000, 1,
    TRUE, FALSE, CASE WHEN n <= :users THEN :projects / :users ELSE 0 END
FROM numbers;

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :projects)
INSERT INTO projects (name, status, owner_id, created_at, updated_at, version, task_count)
SELECT 'Project ' || n, 'active', (n - 1) % :users + 1, unixepoch() * 1000000, unixepoch() * 1000000, 1,
    :tasks / :projects
FROM numbers;

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :tasks)
INSERT INTO tasks (project_id, title, status, priority, assignee_id, created_at, updated_at, version, comment_count)
SELECT (n - 1) % :projects + 1, 'Water the roses behind house ' || n, 'todo', 'medium',
    ((n - 1) % :projects + 1) % :users + 1, unixepoch() * 1000000, unixepoch() * 1000000, 1, 0
FROM numbers;

INSERT INTO project_statistics (project_id, todo, in_progress, done, updated_at)
SELECT id, :tasks / :projects, 0, 0, unixepoch() * 1000000 FROM projects;

COMMIT;
ANALYZE;
