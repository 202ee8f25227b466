-- Requests that were done under an `Idempotency-Key`, committed with what they created.
CREATE TABLE idempotency_records (
    user_id BIGINT NOT NULL REFERENCES users (id),
    key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL CHECK (length(fingerprint) = 32),
    created TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_records_expires_at ON idempotency_records (expires_at);
