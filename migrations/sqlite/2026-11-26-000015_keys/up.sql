-- Random keys, by which an account or a session is told from another that was given the same id before or after a
-- restored backup. Tokens carry them.

ALTER TABLE users ADD COLUMN key BLOB NOT NULL DEFAULT x'';
UPDATE users SET key = randomblob(16);
ALTER TABLE sessions ADD COLUMN key BLOB NOT NULL DEFAULT x'';
UPDATE sessions SET key = randomblob(16);

-- Former programs insert rows without one, and a column that is added can't have a default that varies.
CREATE TRIGGER users_key AFTER INSERT ON users WHEN length(NEW.key) = 0
BEGIN
    UPDATE users SET key = randomblob(16) WHERE id = NEW.id;
END;
CREATE TRIGGER sessions_key AFTER INSERT ON sessions WHEN length(NEW.key) = 0
BEGIN
    UPDATE sessions SET key = randomblob(16) WHERE id = NEW.id;
END;

-- A user has few live sessions, however many have ended.
CREATE INDEX sessions_live ON sessions (user_id) WHERE ended_at IS NULL;
-- Whether a token of another issuer was revoked is found by its id.
CREATE INDEX revocations_subject ON revocations (subject);

INSERT INTO schema_expansions (version) VALUES ('20261126000015');
