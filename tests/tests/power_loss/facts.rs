//! What was acknowledged, as conditions in SQL that hold from then on.

use std::fmt::Display;

/// A condition on the database. It holds in every image from `since` on and before `until`, which are lengths of the log.
#[derive(Debug)]
pub(super) struct Fact {
    /// Names what was acknowledged.
    pub(super) what: String,
    /// An expression that is 1 where it holds.
    pub(super) condition: String,
    pub(super) since: u64,
    pub(super) until: Option<u64>,
    /// Whether it was acknowledged before the backup began.
    pub(super) is_in_backup: bool,
}

/// The number of rows.
pub(super) fn count(table: &str, condition: impl Display) -> String {
    format!("(SELECT count(*) FROM {table} WHERE {condition})")
}

/// There is exactly one such row.
pub(super) fn one(table: &str, condition: impl Display) -> String {
    format!("{} = 1", count(table, condition))
}

/// There is no such row.
pub(super) fn none(table: &str, condition: impl Display) -> String {
    format!("{} = 0", count(table, condition))
}

/// There is exactly one audit line of this action on this object.
pub(super) fn audited(action: &str, object: impl Display, condition: &str) -> String {
    one("audit", format!("action = '{action}' AND object = '{object}' AND {condition}"))
}

/// An event about a task waits, or the notification that follows from it is there: one of both, once. `fields` are those
/// that both have, with their values.
pub(super) fn notified(event: &str, notification: &str, task: i64, fields: &[(&str, i64)]) -> String {
    let equal = |column: &str, path: &str| {
        let equal = |(name, value): &(&str, i64)| format!(" AND json_extract({column}, '{path}{name}') = {value}");
        fields.iter().map(equal).collect::<String>()
    };
    let waiting =
        format!("kind = '{event}' AND json_extract(payload, '$.task.task_id') = {task}{}", equal("payload", "$."));
    let given = format!(
        "json_extract(content, '$.type') = '{notification}' AND json_extract(content, '$.data.task_id') = {task}{}",
        equal("content", "$.data.")
    );
    format!("{} + {} = 1", count("events", waiting), count("notifications", given))
}

/// The same of a project that was shared with a user.
pub(super) fn notified_of_project(project: i64, user: i64) -> String {
    let waiting = format!(
        "kind = 'project_shared' AND json_extract(payload, '$.project_id') = {project} \
         AND json_extract(payload, '$.user_id') = {user}"
    );
    let given = format!(
        "user_id = {user} AND json_extract(content, '$.type') = 'project_shared' \
         AND json_extract(content, '$.data.project_id') = {project}"
    );
    format!("{} + {} = 1", count("events", waiting), count("notifications", given))
}

/// The change feed has a task as it is (`deleted` or not), or an event about it waits.
pub(super) fn in_feed(task: i64, deleted: bool) -> String {
    let feed = format!("kind = 'task' AND thing_id = {task} AND is_deleted = {}", u8::from(deleted));
    let event = if deleted { "task_deleted" } else { "task_created" };
    let waiting = format!("kind = '{event}' AND json_extract(payload, '$.task.task_id') = {task}");
    format!("{} + {} = 1", count("changes", feed), count("events", waiting))
}
