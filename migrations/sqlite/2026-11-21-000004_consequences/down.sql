DELETE FROM schema_expansions WHERE version = '20261121000004';
DROP TABLE tickets;
DROP TABLE jobs;
DROP TABLE notifications;
DROP TABLE notification_heads;
DROP TABLE project_statistics;
ALTER TABLE events DROP COLUMN is_set_aside;
