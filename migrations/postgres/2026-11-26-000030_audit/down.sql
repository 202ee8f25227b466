DELETE FROM schema_expansions WHERE version = '20261126000030';
DROP TABLE audit;
