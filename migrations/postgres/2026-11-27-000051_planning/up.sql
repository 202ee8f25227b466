-- Nodes of the former release may be writing. The first lock is the dispatcher's. Some transactions lock projects before
-- tasks, others after them: whoever waits for the second of these locks gives the first one back and begins anew, so that
-- none of them is in a deadlock.
SELECT pg_advisory_xact_lock(1717662580, 3);
DO $$
DECLARE
    former TEXT := current_setting('lock_timeout');
BEGIN
    PERFORM set_config('lock_timeout', '300ms', true);
    LOOP
        BEGIN
            LOCK TABLE projects, tasks IN ACCESS EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            PERFORM pg_sleep(0.1);
        END;
    END LOOP;
    PERFORM set_config('lock_timeout', former, true);
END
$$;

-- `moved_to` is the place of a task in the order that people give to the tasks of a project, NULL for one that was never
-- moved: its place is made of its id, as the indexes of the next migration have it, so that it comes last. `has_labels` and
-- `has_reminders` are false where there are none. `words_version` is the version whose words the index of the search has.
ALTER TABLE tasks
    ADD COLUMN due_at TIMESTAMPTZ,
    ADD COLUMN due_is_day BOOLEAN NOT NULL DEFAULT FALSE,
    -- Deferrable, so that a copy can insert a task before the one that it is under.
    ADD COLUMN parent_id BIGINT CONSTRAINT tasks_parent REFERENCES tasks (id) ON DELETE CASCADE DEFERRABLE,
    ADD COLUMN moved_to TEXT COLLATE "C",
    ADD COLUMN completed_at TIMESTAMPTZ,
    ADD COLUMN has_labels BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN has_reminders BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN words_version BIGINT NOT NULL DEFAULT 0;

-- Older programs, which run beside this one during an upgrade, don't set the time.
CREATE FUNCTION tasks_set_completed_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.completed_at := CASE WHEN NEW.status = 'done' THEN NEW.updated_at END;
    RETURN NEW;
END
$$;
CREATE TRIGGER tasks_set_completed_at BEFORE INSERT OR UPDATE ON tasks FOR EACH ROW
WHEN ((NEW.status = 'done') <> (NEW.completed_at IS NOT NULL))
EXECUTE FUNCTION tasks_set_completed_at();

CREATE INDEX tasks_parent_id ON tasks (parent_id, id) WHERE parent_id IS NOT NULL;

-- How many labels there are, so that a new one is held against the quota without counting rows.
ALTER TABLE projects ADD COLUMN label_count BIGINT NOT NULL DEFAULT 0;

-- `name_key` is the name as labels are compared.
CREATE TABLE labels (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    color TEXT NOT NULL,
    CONSTRAINT labels_project_id_name_key UNIQUE (project_id, name_key)
);
CREATE INDEX labels_project_id ON labels (project_id, id);

CREATE TABLE task_labels (
    task_id BIGINT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    label_id BIGINT NOT NULL REFERENCES labels (id) ON DELETE CASCADE,
    PRIMARY KEY (task_id, label_id)
);
CREATE INDEX task_labels_label_id ON task_labels (label_id, task_id);

-- The reminders that are still to be given.
CREATE TABLE task_reminders (
    task_id BIGINT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (task_id, at)
);
CREATE INDEX task_reminders_at ON task_reminders (at, task_id);

-- The words of title and description, and of each task `#` with its project's id and `@` with its assignee's.
CREATE TABLE task_words (
    task_id BIGINT PRIMARY KEY REFERENCES tasks (id) ON DELETE CASCADE,
    words TSVECTOR NOT NULL
);
CREATE INDEX task_words_words ON task_words USING gin (words);

INSERT INTO schema_expansions (version) VALUES ('20261127000051');
