DELETE FROM schema_expansions WHERE version = '20261121000005';
DROP TABLE password_resets;
DROP INDEX jobs_key;
ALTER TABLE jobs DROP COLUMN key;
ALTER TABLE jobs DROP COLUMN is_asked_again;
