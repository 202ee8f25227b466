-- What a job has in common with others of which one is enough, while it isn't dead.
ALTER TABLE jobs ADD COLUMN key TEXT;
CREATE UNIQUE INDEX jobs_key ON jobs (key) WHERE key IS NOT NULL AND dead_at IS NULL;
-- Whether it is to be done once more, as that was asked for while it was being done.
ALTER TABLE jobs ADD COLUMN is_asked_again INTEGER NOT NULL DEFAULT 0 CHECK (is_asked_again IN (0, 1));

-- The last reset token of each user, by the SHA-256 of it, the address that it was sent to, and how many were sent.
CREATE TABLE password_resets (
    user_id INTEGER PRIMARY KEY NOT NULL REFERENCES users (id),
    email TEXT NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    mails INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX password_resets_hash ON password_resets (hash);
CREATE INDEX password_resets_expires_at ON password_resets (expires_at);

INSERT INTO schema_expansions (version) VALUES ('20261121000005');
