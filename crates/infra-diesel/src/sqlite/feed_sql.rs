//! SQL of the change feed that is another on PostgreSQL.

/// What stands before and after the condition on the changes that are read for each row of a table, at most as many as a
/// limit by ascending number. They are the rows `found`.
pub(super) const EACH_CHANGES: [&str; 2] =
    [" CROSS JOIN changes AS found ON found.seq IN (SELECT changes.seq FROM changes WHERE ", ")"];

/// What stands before and after a list of ids, whose rows are `wanted` with the column `value`.
pub(super) const WANTED: [&str; 2] = ["json_each(", ") AS wanted"];
