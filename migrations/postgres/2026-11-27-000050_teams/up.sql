-- Nodes of the former release may be writing. The first lock is the dispatcher's: it writes to users and notifications in
-- another order than these locks.
SELECT pg_advisory_xact_lock(1717662580, 3);
LOCK TABLE projects IN ACCESS EXCLUSIVE MODE;
-- A comment is inserted before its author's row is locked, and after its project's would be deleted.
LOCK TABLE comments IN SHARE MODE;
LOCK TABLE users, notifications IN ACCESS EXCLUSIVE MODE;

-- Who a project is shared with. The owner is a member too; `projects.owner_id` says who it is.
CREATE TABLE members (
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id),
    role TEXT NOT NULL CHECK (role IN ('owner', 'editor', 'commenter', 'viewer')),
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (project_id, user_id)
);
INSERT INTO members (project_id, user_id, role, created_at)
SELECT id, owner_id, 'owner', created_at FROM projects;
CREATE INDEX members_user_id ON members (user_id, project_id, role);
CREATE INDEX members_user_id_role ON members (user_id, role, project_id);
CREATE UNIQUE INDEX members_owner ON members (project_id) WHERE role = 'owner';

-- Older programs, which run beside this one during an upgrade, don't insert the owner.
CREATE FUNCTION projects_add_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO members (project_id, user_id, role, created_at)
    VALUES (NEW.id, NEW.owner_id, 'owner', NEW.created_at);
    RETURN NULL;
END
$$;
CREATE TRIGGER projects_add_owner AFTER INSERT ON projects FOR EACH ROW EXECUTE FUNCTION projects_add_owner();

-- How many members there are besides the owner, so that a new one is held against the quota without counting rows.
ALTER TABLE projects ADD COLUMN member_count BIGINT NOT NULL DEFAULT 0;

-- Open and expired invitations by mail: `address_key` is the address as accounts are found by it, `hash` the SHA-256 of
-- the token, which is NULL until the mail is sent.
CREATE TABLE invitations (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    address_key TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('editor', 'commenter', 'viewer')),
    hash BYTEA CHECK (length(hash) = 32),
    invited_by BIGINT NOT NULL REFERENCES users (id),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT invitations_project_id_address_key UNIQUE (project_id, address_key)
);
CREATE INDEX invitations_project_id ON invitations (project_id, id);
CREATE INDEX invitations_address_key ON invitations (address_key);
CREATE UNIQUE INDEX invitations_hash ON invitations (hash);
CREATE INDEX invitations_invited_by ON invitations (invited_by);
CREATE INDEX invitations_expires_at ON invitations (expires_at);

-- When invitations were mailed to an address within a day, for the limit of such mails.
CREATE TABLE invitation_mails (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address_key TEXT NOT NULL,
    sent_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX invitation_mails_address_key ON invitation_mails (address_key, sent_at);
CREATE INDEX invitation_mails_sent_at ON invitation_mails (sent_at);

-- When an account was erased. Its row stays without personal data, for the ids of authors in what others share.
ALTER TABLE users ADD COLUMN erased_at TIMESTAMPTZ;

-- Identities of erased accounts, by the SHA-256 of issuer and subject: tokens from before the erasure are refused.
CREATE TABLE erased_identities (
    hash BYTEA PRIMARY KEY CHECK (length(hash) = 32),
    erased_at TIMESTAMPTZ NOT NULL
);

-- Whose name the content contains, so that an erasure finds it: NULL in rows of older programs, 0 once it was erased.
ALTER TABLE notifications ADD COLUMN actor_id BIGINT;
CREATE INDEX notifications_actor_id ON notifications (actor_id, user_id, seq);

-- What a user wrote, for the export of an account.
CREATE INDEX comments_author_id ON comments (author_id, id);

INSERT INTO schema_expansions (version) VALUES ('20261127000050');
