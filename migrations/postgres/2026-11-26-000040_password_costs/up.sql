-- The highest cost of a stored hash is asked before each verification: the two digits of `$2b$12$…`.
CREATE INDEX users_password_cost ON users (substr(password_hash, 5, 2)) WHERE substr(password_hash, 1, 2) = '$2';

INSERT INTO schema_expansions (version) VALUES ('20261126000040');
