DELETE FROM schema_expansions WHERE version = '20261126000026';
ALTER TABLE tasks DROP COLUMN comment_count;
ALTER TABLE projects DROP COLUMN task_count;
ALTER TABLE users DROP COLUMN project_count;
