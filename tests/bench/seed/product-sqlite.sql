-- Rows for fasttrack on SQLite, into a migrated database without any. The password of each user is
-- `correct horse battery staple`. Users of the second third only log in: each login ends a session beyond the fiftieth.
-- Those of the last third refresh their sessions. A task belongs to the user that owns its project, and is assigned to the
-- next. Projects beyond `:projects`, one for each user, are for lists with filters: 1,000 tasks, of which 600 are done, and
-- ten labels. 100 of the tasks have the same label, and 60 of these are done.

-- There is no journal until the server opens the database.
PRAGMA journal_mode = OFF;
PRAGMA cache_size = -1048576;

BEGIN;

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 3 * :users)
INSERT INTO users (email, display_name, role, is_active, password_hash, token_epoch, created_at, updated_at, version,
    is_email_verified, is_external, project_count)
SELECT 'user' || n || '@example.org', 'User ' || n, 'user', TRUE,
    '$2b$12$SN68WOFotY17vacTJvNqveqSC6mfjw3GKa1QQAyoZbkGFP4zCXRV2', 0, unixepoch() * 1000000, unixepoch() * 1000000, 1,
    TRUE, FALSE, CASE WHEN n <= :users THEN :projects / :users + 1 ELSE 0 END
FROM numbers;

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :projects + :users)
INSERT INTO projects (name, status, owner_id, created_at, updated_at, version, task_count, label_count)
SELECT 'Project ' || n, 'active', (n - 1) % :users + 1, unixepoch() * 1000000, unixepoch() * 1000000, 1,
    CASE WHEN n <= :projects THEN :tasks / :projects ELSE 1000 END, CASE WHEN n <= :projects THEN 0 ELSE 10 END
FROM numbers;

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :tasks)
INSERT INTO tasks (project_id, title, status, priority, assignee_id, created_at, updated_at, version, comment_count,
    words_version)
SELECT (n - 1) % :projects + 1, 'Water the roses behind house ' || n, 'todo', 'medium',
    ((n - 1) % :projects + 1) % :users + 1, unixepoch() * 1000000, unixepoch() * 1000000, 1, 0, 1
FROM numbers;

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000 * :users)
INSERT INTO tasks (project_id, title, status, priority, assignee_id, created_at, updated_at, version, comment_count,
    completed_at, has_labels, words_version)
SELECT :projects + (n - 1) % :users + 1, 'Sort the books on shelf ' || n,
    CASE (n - 1) / :users % 5 WHEN 0 THEN 'todo' WHEN 1 THEN 'in_progress' ELSE 'done' END, 'medium',
    (:projects + (n - 1) % :users + 1) % :users + 1, unixepoch() * 1000000, unixepoch() * 1000000, 1, 0,
    CASE WHEN (n - 1) / :users % 5 > 1 THEN unixepoch() * 1000000 END, 1, 1
FROM numbers;

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10 * :users)
INSERT INTO labels (project_id, name, name_key, color)
SELECT :projects + (n - 1) / 10 + 1, 'Room ' || ((n - 1) % 10 + 1), 'room ' || ((n - 1) % 10 + 1), '#808080'
FROM numbers;

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000 * :users)
INSERT INTO task_labels (task_id, label_id)
SELECT :tasks + n, (n - 1) % :users * 10 + (n - 1) / :users / 5 % 10 + 1 FROM numbers;

-- As the index of the search has them: else the server would write them during the measurement.
INSERT INTO task_words (rowid, words)
SELECT id, '#' || project_id || ' @' || assignee_id || ' ' || lower(title) FROM tasks;

INSERT INTO project_statistics (project_id, todo, in_progress, done, updated_at)
SELECT id, CASE WHEN id <= :projects THEN :tasks / :projects ELSE 200 END,
    CASE WHEN id <= :projects THEN 0 ELSE 200 END, CASE WHEN id <= :projects THEN 0 ELSE 600 END, unixepoch() * 1000000
FROM projects;

COMMIT;
