DELETE FROM schema_expansions WHERE version = '20261126000025';
DROP INDEX tasks_project_id_assignee_id;
DROP INDEX tasks_assignee_id_status_priority;
DROP INDEX tasks_project_id_status_priority;
DROP INDEX projects_owner_id_status;
DROP INDEX projects_status;
DROP INDEX users_role_is_active;
DROP INDEX users_is_active;
