-- Each filter of each list finds its rows by an index alone, however many there are that it leaves out.
CREATE INDEX users_is_active ON users (is_active);
CREATE INDEX users_role_is_active ON users (role, is_active);
CREATE INDEX projects_status ON projects (status);
CREATE INDEX projects_owner_id_status ON projects (owner_id, status);
CREATE INDEX tasks_project_id_status_priority ON tasks (project_id, status, priority);
CREATE INDEX tasks_assignee_id_status_priority ON tasks (assignee_id, status, priority) WHERE assignee_id IS NOT NULL;
CREATE INDEX tasks_project_id_assignee_id ON tasks (project_id, assignee_id, status, priority)
WHERE assignee_id IS NOT NULL;

INSERT INTO schema_expansions (version) VALUES ('20261126000025');
