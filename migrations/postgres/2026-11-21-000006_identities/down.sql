DELETE FROM schema_expansions WHERE version = '20261121000006';
DROP TABLE identities;
