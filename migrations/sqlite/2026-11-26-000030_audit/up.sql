-- Who did what. Lines outlive what they tell of, so they refer to nothing.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor_id INTEGER,
    action TEXT NOT NULL,
    object TEXT,
    changes TEXT NOT NULL,
    ip TEXT,
    request_id TEXT
) STRICT;
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_actor_id ON audit (actor_id, at) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_object ON audit (object, at) WHERE object IS NOT NULL;
CREATE INDEX audit_object_actor_id ON audit (object, actor_id, at) WHERE object IS NOT NULL AND actor_id IS NOT NULL;

INSERT INTO schema_expansions (version) VALUES ('20261126000030');
