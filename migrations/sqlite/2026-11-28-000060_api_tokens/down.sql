DELETE FROM schema_expansions WHERE version = '20261128000060';
DROP TABLE api_tokens;
