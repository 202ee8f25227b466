-- What ended stays ended.
DELETE FROM schema_expansions WHERE version = '20261126000042';
