DELETE FROM schema_expansions WHERE version = '20261126000040';
DROP INDEX users_password_cost;
