DELETE FROM schema_expansions WHERE version = '20261126000041';
DROP TABLE held_notices;
DROP TABLE sent_notices;
DROP INDEX jobs_priority;
ALTER TABLE jobs DROP COLUMN nonce;
ALTER TABLE jobs DROP COLUMN priority;
