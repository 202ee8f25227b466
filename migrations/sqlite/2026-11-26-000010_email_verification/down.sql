DELETE FROM schema_expansions WHERE version = '20261126000010';
DROP TABLE email_verifications;
DROP INDEX identities_user_id;
ALTER TABLE users DROP COLUMN mailbox;
ALTER TABLE users DROP COLUMN is_external;
ALTER TABLE users DROP COLUMN pending_email;
ALTER TABLE users DROP COLUMN is_email_verified;
