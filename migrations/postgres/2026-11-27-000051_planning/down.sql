DELETE FROM schema_expansions WHERE version = '20261127000051';
DROP TABLE task_words;
DROP TABLE task_reminders;
DROP TABLE task_labels;
DROP TABLE labels;
ALTER TABLE projects DROP COLUMN label_count;
DROP TRIGGER tasks_set_completed_at ON tasks;
DROP FUNCTION tasks_set_completed_at();
-- The index goes with its column.
ALTER TABLE tasks
    DROP COLUMN words_version,
    DROP COLUMN has_reminders,
    DROP COLUMN has_labels,
    DROP COLUMN completed_at,
    DROP COLUMN moved_to,
    DROP COLUMN parent_id,
    DROP COLUMN due_is_day,
    DROP COLUMN due_at;
