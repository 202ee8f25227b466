-- Logins that have failed, or may yet, by the address that each came from.
CREATE TABLE login_attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    network TEXT NOT NULL,
    began_at INTEGER NOT NULL
) STRICT;
CREATE INDEX login_attempts_network ON login_attempts (network, began_at);
CREATE INDEX login_attempts_began_at ON login_attempts (began_at);

INSERT INTO schema_expansions (version) VALUES ('20261121000008');
