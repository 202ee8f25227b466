//! SQL of the change feed that is another on SQLite.

/// What stands before and after the condition on the changes that are read for each row of a table, at most as many as a
/// limit by ascending number. They are the rows `found`.
pub(super) const EACH_CHANGES: [&str; 2] =
    [" CROSS JOIN LATERAL (SELECT kind, thing_id, task_id, project_id, seq FROM changes WHERE ", ") AS found"];

/// What stands before and after a list of ids, whose rows are `wanted` with the column `value`.
pub(super) const WANTED: [&str; 2] = ["unnest(", "::bigint[]) AS wanted (value)"];
