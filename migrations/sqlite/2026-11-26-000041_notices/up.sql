-- In which order jobs are done, whatever waits longest: 0 goes first.
ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 2;
UPDATE jobs SET priority = 0 WHERE kind = 'password_reset_mail';
CREATE INDEX jobs_priority ON jobs (priority, run_at) WHERE dead_at IS NULL;
-- What tells a mail from all others, the same over its attempts. NULL where an older program queued the job.
ALTER TABLE jobs ADD COLUMN nonce TEXT;

-- The mails of notice that each user was sent within an hour.
CREATE TABLE sent_notices (
    mail TEXT PRIMARY KEY NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('account', 'task', 'digest')),
    task_id INTEGER,
    sent_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sent_notices_user_id ON sent_notices (user_id, sent_at);
CREATE INDEX sent_notices_sent_at ON sent_notices (sent_at);

-- Notices for which there was no room, until the digest with them is sent: `mail` is that digest, or empty.
CREATE TABLE held_notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    mail TEXT NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('account', 'task')),
    payload TEXT NOT NULL,
    held_at INTEGER NOT NULL,
    CONSTRAINT held_notices_key UNIQUE (user_id, mail, key)
) STRICT;
CREATE INDEX held_notices_held_at ON held_notices (held_at);

INSERT INTO schema_expansions (version) VALUES ('20261126000041');
