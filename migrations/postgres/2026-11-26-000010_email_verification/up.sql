-- Whether the owner has proven that mail to the address arrives. Nobody was asked until now. Administrators were made by
-- whoever holds the machine, or appointed by another one.
ALTER TABLE users ADD COLUMN is_email_verified BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE users SET is_email_verified = TRUE WHERE role = 'admin';

-- The address that takes the place of the present one once it is proven.
ALTER TABLE users ADD COLUMN pending_email TEXT;

-- Whether another issuer made the account: its first identity is as old as the account itself.
ALTER TABLE users ADD COLUMN is_external BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE users SET is_external = TRUE
    WHERE EXISTS (SELECT 1 FROM identities WHERE user_id = users.id AND identities.created_at = users.created_at);

-- Which identities an account has.
CREATE INDEX identities_user_id ON identities (user_id);

-- Where mail is sent, if that is written differently from `email`, which finds the account.
ALTER TABLE users ADD COLUMN mailbox TEXT;

-- The last verification token of each user, by the SHA-256 of it (none once it is used up), the address that it
-- proves, and how many mails were sent: in all, and again to an address that had one.
CREATE TABLE email_verifications (
    user_id BIGINT PRIMARY KEY REFERENCES users (id),
    email TEXT NOT NULL,
    hash BYTEA CHECK (length(hash) = 32),
    mails BIGINT NOT NULL,
    repeats BIGINT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX email_verifications_hash ON email_verifications (hash);
CREATE INDEX email_verifications_expires_at ON email_verifications (expires_at);

INSERT INTO schema_expansions (version) VALUES ('20261126000010');
