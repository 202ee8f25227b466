-- `moved_to` is the place of a task in the order that people give to the tasks of a project, NULL for one that was never
-- moved: its place is made of its id, as the indexes of the next migration have it, so that it comes last. `has_labels` and
-- `has_reminders` are 0 where there are none. `words_version` is the version whose words the index of the search has.
ALTER TABLE tasks ADD COLUMN due_at INTEGER;
ALTER TABLE tasks ADD COLUMN due_is_day INTEGER NOT NULL DEFAULT 0 CHECK (due_is_day IN (0, 1));
ALTER TABLE tasks ADD COLUMN parent_id INTEGER REFERENCES tasks (id) ON DELETE CASCADE;
ALTER TABLE tasks ADD COLUMN moved_to TEXT;
ALTER TABLE tasks ADD COLUMN completed_at INTEGER;
ALTER TABLE tasks ADD COLUMN has_labels INTEGER NOT NULL DEFAULT 0 CHECK (has_labels IN (0, 1));
ALTER TABLE tasks ADD COLUMN has_reminders INTEGER NOT NULL DEFAULT 0 CHECK (has_reminders IN (0, 1));
ALTER TABLE tasks ADD COLUMN words_version INTEGER NOT NULL DEFAULT 0;

-- Older programs, which run beside this one during an upgrade, don't set the time.
CREATE TRIGGER tasks_set_completed_at_of_new AFTER INSERT ON tasks
WHEN (NEW.status = 'done') <> (NEW.completed_at IS NOT NULL)
BEGIN
    UPDATE tasks SET completed_at = CASE WHEN NEW.status = 'done' THEN NEW.updated_at END WHERE id = NEW.id;
END;
CREATE TRIGGER tasks_set_completed_at AFTER UPDATE OF status ON tasks
WHEN (NEW.status = 'done') <> (NEW.completed_at IS NOT NULL)
BEGIN
    UPDATE tasks SET completed_at = CASE WHEN NEW.status = 'done' THEN NEW.updated_at END WHERE id = NEW.id;
END;

CREATE INDEX tasks_parent_id ON tasks (parent_id) WHERE parent_id IS NOT NULL;

-- How many labels there are, so that a new one is held against the quota without counting rows.
ALTER TABLE projects ADD COLUMN label_count INTEGER NOT NULL DEFAULT 0;

-- `name_key` is the name as labels are compared.
CREATE TABLE labels (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    color TEXT NOT NULL,
    CONSTRAINT labels_project_id_name_key UNIQUE (project_id, name_key)
) STRICT;
CREATE INDEX labels_project_id ON labels (project_id);

CREATE TABLE task_labels (
    task_id INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    label_id INTEGER NOT NULL REFERENCES labels (id) ON DELETE CASCADE,
    PRIMARY KEY (task_id, label_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_labels_label_id ON task_labels (label_id, task_id);

-- The reminders that are still to be given.
CREATE TABLE task_reminders (
    task_id INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    PRIMARY KEY (task_id, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_reminders_at ON task_reminders (at, task_id);

-- The words of title and description, and of each task `#` with its project's id and `@` with its assignee's. Words have
-- one form already: all that isn't a space is part of one.
CREATE VIRTUAL TABLE task_words USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3',
    tokenize = "ascii tokenchars '!#$%&()*+,-./:;<=>?@[\]^_`{|}~'"
);
CREATE TRIGGER tasks_delete_words AFTER DELETE ON tasks
BEGIN
    DELETE FROM task_words WHERE rowid = OLD.id;
END;

INSERT INTO schema_expansions (version) VALUES ('20261127000051');
