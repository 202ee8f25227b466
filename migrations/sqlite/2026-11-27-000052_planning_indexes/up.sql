-- When older programs completed a task is not known: nothing is closer than its last change.
UPDATE tasks SET completed_at = updated_at WHERE status = 'done' AND completed_at IS NULL;

-- Each order of each list, also backwards.
CREATE UNIQUE INDEX tasks_project_id_position ON tasks
(project_id, coalesce(moved_to, printf('%x%x', length(printf('%x', id)) - 1, id)));
CREATE INDEX tasks_project_id_status_position ON tasks
(project_id, status, coalesce(moved_to, printf('%x%x', length(printf('%x', id)) - 1, id)));
CREATE INDEX tasks_project_id_due_at ON tasks (project_id, due_at);
CREATE INDEX tasks_project_id_updated_at ON tasks (project_id, updated_at);
CREATE INDEX tasks_project_id_priority ON tasks (project_id, priority);
CREATE INDEX tasks_assignee_id_position ON tasks
(assignee_id, coalesce(moved_to, printf('%x%x', length(printf('%x', id)) - 1, id))) WHERE assignee_id IS NOT NULL;
CREATE INDEX tasks_assignee_id_due_at ON tasks (assignee_id, due_at) WHERE assignee_id IS NOT NULL;
CREATE INDEX tasks_assignee_id_updated_at ON tasks (assignee_id, updated_at) WHERE assignee_id IS NOT NULL;
CREATE INDEX tasks_assignee_id_priority ON tasks (assignee_id, priority) WHERE assignee_id IS NOT NULL;
-- What the index of the search doesn't have yet: tasks of older programs.
CREATE INDEX tasks_words_outdated ON tasks (id) WHERE words_version <> version;

INSERT INTO schema_expansions (version) VALUES ('20261127000052');
