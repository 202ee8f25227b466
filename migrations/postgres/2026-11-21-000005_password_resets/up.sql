-- What a job has in common with others of which one is enough, while it isn't dead.
ALTER TABLE jobs ADD COLUMN key TEXT;
CREATE UNIQUE INDEX jobs_key ON jobs (key) WHERE key IS NOT NULL AND dead_at IS NULL;
-- Whether it is to be done once more, as that was asked for while it was being done.
ALTER TABLE jobs ADD COLUMN is_asked_again BOOLEAN NOT NULL DEFAULT FALSE;

-- The last reset token of each user, by the SHA-256 of it, the address that it was sent to, and how many were sent.
CREATE TABLE password_resets (
    user_id BIGINT PRIMARY KEY REFERENCES users (id),
    email TEXT NOT NULL,
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    mails BIGINT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX password_resets_hash ON password_resets (hash);
CREATE INDEX password_resets_expires_at ON password_resets (expires_at);

INSERT INTO schema_expansions (version) VALUES ('20261121000005');
