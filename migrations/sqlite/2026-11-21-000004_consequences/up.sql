-- What follows from events: notifications, statistics and jobs, committed with the event's end.

-- Nobody has read events until now. What they would tell is old news, and what they count is counted here.
DELETE FROM events;
-- An event that can't be read waits for a program that can.
ALTER TABLE events ADD COLUMN is_set_aside INTEGER NOT NULL DEFAULT 0 CHECK (is_set_aside IN (0, 1));

CREATE TABLE project_statistics (
    project_id INTEGER PRIMARY KEY NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    todo INTEGER NOT NULL,
    in_progress INTEGER NOT NULL,
    done INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
INSERT INTO project_statistics (project_id, todo, in_progress, done, updated_at)
SELECT project_id, sum(status = 'todo'), sum(status = 'in_progress'), sum(status = 'done'), max(updated_at)
FROM tasks
GROUP BY project_id;

-- How far each user's notifications reach, and were read.
CREATE TABLE notification_heads (
    user_id INTEGER PRIMARY KEY NOT NULL REFERENCES users (id),
    last_seq INTEGER NOT NULL,
    read_up_to INTEGER NOT NULL,
    CHECK (0 <= read_up_to AND read_up_to <= last_seq)
) STRICT;

CREATE TABLE notifications (
    user_id INTEGER NOT NULL REFERENCES users (id),
    seq INTEGER NOT NULL,
    content TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, seq)
) STRICT, WITHOUT ROWID;

-- A job is leased while it has a worker, and dead once it was given up.
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    worker TEXT,
    leased_until INTEGER,
    dead_at INTEGER,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    CHECK ((worker IS NULL) = (leased_until IS NULL)),
    CHECK (worker IS NULL OR dead_at IS NULL)
) STRICT;
CREATE INDEX jobs_run_at ON jobs (run_at) WHERE dead_at IS NULL;
CREATE INDEX jobs_worker ON jobs (worker) WHERE worker IS NOT NULL;

-- Stand-ins for access tokens, by the SHA-256 of the ticket.
CREATE TABLE tickets (
    hash BLOB PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
    claims TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX tickets_expires_at ON tickets (expires_at);

INSERT INTO schema_expansions (version) VALUES ('20261121000004');
