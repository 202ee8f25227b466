-- Logins that have failed, or may yet, by the address that each came from.
CREATE TABLE login_attempts (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    network TEXT NOT NULL,
    began_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX login_attempts_network ON login_attempts (network, began_at);
CREATE INDEX login_attempts_began_at ON login_attempts (began_at);

INSERT INTO schema_expansions (version) VALUES ('20261121000008');
