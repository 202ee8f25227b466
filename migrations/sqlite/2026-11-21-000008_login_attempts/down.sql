DELETE FROM schema_expansions WHERE version = '20261121000008';
DROP TABLE login_attempts;
