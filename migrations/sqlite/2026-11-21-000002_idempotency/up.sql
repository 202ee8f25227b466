-- Requests that were done under an `Idempotency-Key`, committed with what they created.
CREATE TABLE idempotency_records (
    user_id INTEGER NOT NULL REFERENCES users (id),
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    created TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, key)
) STRICT;
CREATE INDEX idempotency_records_expires_at ON idempotency_records (expires_at);
