DELETE FROM schema_expansions WHERE version = '20261126000015';
DROP INDEX revocations_subject;
DROP INDEX sessions_live;
ALTER TABLE sessions DROP COLUMN key;
ALTER TABLE users DROP COLUMN key;
