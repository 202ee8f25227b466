-- The numbers of the change feed, in one row, which the first change inserts. `seq` is the latest number. Who has read up to
-- a number below `pruned_seq` may have missed what was deleted since.
CREATE TABLE change_feed (
    feed INTEGER PRIMARY KEY NOT NULL CHECK (feed = 1),
    seq INTEGER NOT NULL,
    pruned_seq INTEGER NOT NULL,
    CHECK (0 <= pruned_seq AND pruned_seq <= seq)
) STRICT;

-- The latest change of each project, member, label, task and comment. The id of a member is its user's; `task_id` is the task
-- of a comment. Rows of what was deleted stay for a while, so that nothing is referred to.
CREATE TABLE changes (
    project_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('project', 'member', 'label', 'task', 'comment')),
    thing_id INTEGER NOT NULL,
    task_id INTEGER,
    seq INTEGER NOT NULL,
    is_deleted INTEGER NOT NULL CHECK (is_deleted IN (0, 1)),
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (kind, thing_id, project_id),
    CHECK ((kind = 'comment') = (task_id IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX changes_project_id ON changes (project_id, seq);
CREATE INDEX changes_seq ON changes (seq);
CREATE INDEX changes_task_id ON changes (task_id, thing_id) WHERE task_id IS NOT NULL;
CREATE INDEX changes_deleted ON changes (changed_at, seq) WHERE is_deleted;

-- What a user has to look at again: a project that it became or ceased to be a member of, and tasks and comments that only
-- the task's assignment shows it, or showed it until then.
-- `lost_seq` is the number of the latest loss of a project: who has read less may have what was deleted in it before.
CREATE TABLE user_changes (
    user_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('project', 'task', 'comment')),
    thing_id INTEGER NOT NULL,
    task_id INTEGER,
    project_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    lost_seq INTEGER,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, kind, thing_id),
    CHECK ((kind = 'comment') = (task_id IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX user_changes_user_id ON user_changes (user_id, seq);
CREATE INDEX user_changes_seq ON user_changes (seq);
CREATE INDEX user_changes_lost ON user_changes (user_id, lost_seq) WHERE lost_seq IS NOT NULL;
CREATE INDEX user_changes_changed_at ON user_changes (changed_at, seq);

INSERT INTO schema_expansions (version) VALUES ('20261128000064');
