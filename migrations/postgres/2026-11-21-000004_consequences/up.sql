-- What follows from events: notifications, statistics and jobs, committed with the event's end.

-- Nodes of the former release may be writing: no change without its event, none twice.
LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE;
-- Nobody has read events until now. What they would tell is old news, and what they count is counted here.
DELETE FROM events;
-- An event that can't be read waits for a program that can.
ALTER TABLE events ADD COLUMN is_set_aside BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE project_statistics (
    project_id BIGINT PRIMARY KEY REFERENCES projects (id) ON DELETE CASCADE,
    todo BIGINT NOT NULL,
    in_progress BIGINT NOT NULL,
    done BIGINT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
INSERT INTO project_statistics (project_id, todo, in_progress, done, updated_at)
SELECT
    project_id,
    count(*) FILTER (WHERE status = 'todo'),
    count(*) FILTER (WHERE status = 'in_progress'),
    count(*) FILTER (WHERE status = 'done'),
    max(updated_at)
FROM tasks
GROUP BY project_id;

-- How far each user's notifications reach, and were read.
CREATE TABLE notification_heads (
    user_id BIGINT PRIMARY KEY REFERENCES users (id),
    last_seq BIGINT NOT NULL,
    read_up_to BIGINT NOT NULL,
    CHECK (0 <= read_up_to AND read_up_to <= last_seq)
);

CREATE TABLE notifications (
    user_id BIGINT NOT NULL REFERENCES users (id),
    seq BIGINT NOT NULL,
    content TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, seq)
);

-- A job is leased while it has a worker, and dead once it was given up.
CREATE TABLE jobs (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    run_at TIMESTAMPTZ NOT NULL,
    worker TEXT,
    leased_until TIMESTAMPTZ,
    dead_at TIMESTAMPTZ,
    last_error TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    CHECK ((worker IS NULL) = (leased_until IS NULL)),
    CHECK (worker IS NULL OR dead_at IS NULL)
);
CREATE INDEX jobs_run_at ON jobs (run_at) WHERE dead_at IS NULL;
CREATE INDEX jobs_worker ON jobs (worker) WHERE worker IS NOT NULL;

-- Stand-ins for access tokens, by the SHA-256 of the ticket.
CREATE TABLE tickets (
    hash BYTEA PRIMARY KEY CHECK (length(hash) = 32),
    claims TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX tickets_expires_at ON tickets (expires_at);

INSERT INTO schema_expansions (version) VALUES ('20261121000004');
