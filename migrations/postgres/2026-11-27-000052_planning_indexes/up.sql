-- Reads go on. That is why this is a migration of its own: the one before stops them, and takes moments.
LOCK TABLE tasks IN SHARE ROW EXCLUSIVE MODE;
-- When older programs completed a task is not known: nothing is closer than its last change.
UPDATE tasks SET completed_at = updated_at WHERE status = 'done' AND completed_at IS NULL;

-- Each order of each list, also backwards.
CREATE UNIQUE INDEX tasks_project_id_position ON tasks
(project_id, (coalesce(moved_to, to_hex(length(to_hex(id)) - 1) || to_hex(id)) COLLATE "C"));
CREATE INDEX tasks_project_id_status_position ON tasks
(project_id, status, (coalesce(moved_to, to_hex(length(to_hex(id)) - 1) || to_hex(id)) COLLATE "C"));
CREATE INDEX tasks_project_id_due_at ON tasks (project_id, due_at, id);
CREATE INDEX tasks_project_id_updated_at ON tasks (project_id, updated_at, id);
CREATE INDEX tasks_project_id_priority ON tasks (project_id, priority, id);
CREATE INDEX tasks_assignee_id_position ON tasks
(assignee_id, (coalesce(moved_to, to_hex(length(to_hex(id)) - 1) || to_hex(id)) COLLATE "C"), id)
WHERE assignee_id IS NOT NULL;
CREATE INDEX tasks_assignee_id_due_at ON tasks (assignee_id, due_at, id) WHERE assignee_id IS NOT NULL;
CREATE INDEX tasks_assignee_id_updated_at ON tasks (assignee_id, updated_at, id) WHERE assignee_id IS NOT NULL;
CREATE INDEX tasks_assignee_id_priority ON tasks (assignee_id, priority, id) WHERE assignee_id IS NOT NULL;
-- What the index of the search doesn't have yet: tasks of older programs.
CREATE INDEX tasks_words_outdated ON tasks (id) WHERE words_version <> version;

INSERT INTO schema_expansions (version) VALUES ('20261127000052');
