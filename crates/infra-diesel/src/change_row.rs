//! Rows of the change feed that a dispatch writes.

use crate::sql_timestamp::SqlTimestamp;

/// The latest change of a thing.
pub(crate) struct ChangeRow {
    pub(crate) project_id: i64,
    pub(crate) kind: &'static str,
    pub(crate) thing_id: i64,
    pub(crate) task_id: Option<i64>,
    /// How far the number of this row is above the latest one before the dispatch.
    pub(crate) place: i64,
    pub(crate) is_deleted: bool,
    pub(crate) changed_at: SqlTimestamp,
}

/// A thing that a user has to look at again.
pub(crate) struct UserChangeRow {
    pub(crate) user_id: i64,
    pub(crate) kind: &'static str,
    pub(crate) thing_id: i64,
    pub(crate) task_id: Option<i64>,
    pub(crate) project_id: i64,
    /// See [`ChangeRow::place`].
    pub(crate) place: i64,
    /// The place of the latest loss of the project.
    pub(crate) lost_place: Option<i64>,
    pub(crate) changed_at: SqlTimestamp,
}
