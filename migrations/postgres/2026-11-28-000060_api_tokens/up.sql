-- Tokens for programs, by the SHA-256 of each. `scopes` are words with spaces between, `project_ids` a JSON array that
-- narrows the token, NULL for all projects. A revoked token stays for a while, so that it is refused as revoked; once its
-- account is erased, it has no user and no projects, and name and prefix are empty.
CREATE TABLE api_tokens (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id BIGINT REFERENCES users (id),
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    scopes TEXT NOT NULL,
    project_ids TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    last_used_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    CHECK (user_id IS NOT NULL OR revoked_at IS NOT NULL)
);
CREATE UNIQUE INDEX api_tokens_hash ON api_tokens (hash);
CREATE INDEX api_tokens_user_id ON api_tokens (user_id, id);
-- A user has few tokens that are not revoked, however many are.
CREATE INDEX api_tokens_unrevoked ON api_tokens (user_id, id) WHERE revoked_at IS NULL;
-- Those that have not expired are counted.
CREATE INDEX api_tokens_live ON api_tokens (user_id, expires_at) WHERE revoked_at IS NULL;
CREATE INDEX api_tokens_expires_at ON api_tokens (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX api_tokens_revoked_at ON api_tokens (revoked_at) WHERE revoked_at IS NOT NULL;

INSERT INTO schema_expansions (version) VALUES ('20261128000060');
