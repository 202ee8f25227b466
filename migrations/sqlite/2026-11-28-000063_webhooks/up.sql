-- How many active webhooks there are, so that a change reads no further row where there is none.
ALTER TABLE projects ADD COLUMN active_webhooks INTEGER NOT NULL DEFAULT 0;

-- Receivers of changes. `types` is the list of types, with spaces. `due_at` is the earliest `next_attempt_at` of its
-- deliveries, or the last release of its lease where that is later, NULL where none waits; `worker` is the one that sends
-- them until `leased_until`. `is_slow` is 1 where the last attempt failed or took long. `delivery_count` is the number of
-- its deliveries. The secrets sign the requests, so that they aren't stored as hashes.
CREATE TABLE webhooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    types TEXT NOT NULL,
    is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    secret TEXT NOT NULL,
    previous_secret TEXT,
    previous_until INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    failing_since INTEGER,
    is_slow INTEGER NOT NULL DEFAULT 0 CHECK (is_slow IN (0, 1)),
    due_at INTEGER,
    worker TEXT,
    leased_until INTEGER,
    delivery_count INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX webhooks_project_id ON webhooks (project_id);
CREATE INDEX webhooks_due_at ON webhooks (is_slow, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhooks_worker ON webhooks (worker) WHERE worker IS NOT NULL;
CREATE INDEX webhooks_failing_since ON webhooks (failing_since) WHERE failing_since IS NOT NULL;

-- What is sent to webhooks. `message_id` is the same in all attempts. Deliveries with the same `subject` are sent one after
-- the other. `attempts_before` is the number of attempts before the schedule of retries began anew. `next_attempt_at` is
-- NULL where none follows, `finished_at` where one does. `actor_id` and `person_id` are the users whose names `payload`
-- contains, so that an erasure finds it: 0 once the name was erased.
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id INTEGER NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    message_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
    attempts INTEGER NOT NULL,
    attempts_before INTEGER NOT NULL,
    last_status INTEGER,
    last_error TEXT,
    next_attempt_at INTEGER,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    actor_id INTEGER,
    person_id INTEGER,
    payload TEXT NOT NULL,
    CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL)),
    CHECK ((status = 'pending') = (finished_at IS NULL))
) STRICT;
CREATE INDEX deliveries_webhook_id ON deliveries (webhook_id);
CREATE INDEX deliveries_next_attempt_at ON deliveries (webhook_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX deliveries_finished_at ON deliveries (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX deliveries_actor_id ON deliveries (actor_id) WHERE actor_id IS NOT NULL;
CREATE INDEX deliveries_person_id ON deliveries (person_id) WHERE person_id IS NOT NULL;

INSERT INTO schema_expansions (version) VALUES ('20261128000063');
