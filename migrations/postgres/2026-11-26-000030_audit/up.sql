-- Who did what. Lines outlive what they tell of, so they refer to nothing.
CREATE TABLE audit (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    actor_id BIGINT,
    action TEXT NOT NULL,
    object TEXT,
    changes TEXT NOT NULL,
    ip TEXT,
    request_id TEXT
);
CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX audit_actor_id ON audit (actor_id, at, id) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_object ON audit (object, at, id) WHERE object IS NOT NULL;
CREATE INDEX audit_object_actor_id ON audit (object, actor_id, at, id)
WHERE object IS NOT NULL AND actor_id IS NOT NULL;

INSERT INTO schema_expansions (version) VALUES ('20261126000030');
