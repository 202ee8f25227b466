DELETE FROM schema_expansions WHERE version = '20261126000027';
DROP INDEX jobs_dead_at;
DROP INDEX notifications_created_at;
