-- How many projects, tasks and comments there are in one place, so that a creation is held against its quota without
-- counting rows.
-- Nodes of the former release may be writing: what they add now is counted, or waits.
LOCK TABLE projects, tasks, comments IN SHARE ROW EXCLUSIVE MODE;
ALTER TABLE users ADD COLUMN project_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE projects ADD COLUMN task_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN comment_count BIGINT NOT NULL DEFAULT 0;
UPDATE users SET project_count = (SELECT count(*) FROM projects WHERE owner_id = users.id)
WHERE id IN (SELECT owner_id FROM projects);
UPDATE projects SET task_count = (SELECT count(*) FROM tasks WHERE project_id = projects.id)
WHERE id IN (SELECT project_id FROM tasks);
UPDATE tasks SET comment_count = (SELECT count(*) FROM comments WHERE task_id = tasks.id)
WHERE id IN (SELECT task_id FROM comments);

INSERT INTO schema_expansions (version) VALUES ('20261126000026');
