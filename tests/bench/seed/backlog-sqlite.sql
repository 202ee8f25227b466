-- Events that wait: changes of status, as many forth as back in each project.
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :events),
    changes AS (SELECT n, (n - 1) % :projects + 1 AS project, (n - 1) / :projects % 2 = 0 AS begins FROM numbers)
INSERT INTO events (kind, payload, created_at)
SELECT 'status_changed', json_object(
    'task', json_object('task_id', n, 'title', 'Water the roses behind house ' || n, 'project_id', project,
        'project', 'Project ' || project, 'owner_id', (project - 1) % :users + 1),
    'actor_id', (project - 1) % :users + 1, 'at', '2026-01-02T03:04:05Z', 'kind', 'status_changed',
    'old', CASE WHEN begins THEN 'todo' ELSE 'in_progress' END,
    'new', CASE WHEN begins THEN 'in_progress' ELSE 'todo' END, 'assignee_id', project % :users + 1),
    unixepoch() * 1000000
FROM changes ORDER BY n;
