//! Writes rows of several tasks on PostgreSQL, by one statement each.

use super::connection::Connection;
use super::run_query_dsl::RunQueryDsl;
use crate::{cached::Cached, sql_timestamp::SqlTimestamp};
use diesel::{
    QueryResult, sql_query,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz},
};
use fasttrack_domain::{
    due::Due,
    id::{TaskId, UserId},
    position::Position,
    task::{Task, TaskChange},
    text::Description,
};

/// The parameters of the update are in the order of the columns of `changed`.
const UPDATE: &str = "UPDATE tasks SET title = changed.title, description = changed.description, \
         status = changed.status, priority = changed.priority, assignee_id = changed.assignee_id, \
         due_at = changed.due_at, due_is_day = changed.due_is_day, parent_id = changed.parent_id, \
         moved_to = changed.moved_to, completed_at = changed.completed_at, has_labels = changed.has_labels, \
         has_reminders = changed.has_reminders, updated_at = changed.updated_at, version = changed.version, \
         words_version = CASE WHEN changed.has_words OR tasks.words_version = tasks.version THEN changed.version \
             ELSE tasks.words_version END \
     FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) AS changed \
         (id, title, description, status, priority, assignee_id, due_at, due_is_day, parent_id, moved_to, completed_at, \
         has_labels, has_reminders, updated_at, version, has_words) \
     WHERE tasks.id = changed.id";

/// Updates the rows of changed tasks. The caller has locked all of them, in the versions that the changes are based on.
pub(super) async fn update_all(conn: &mut Connection, changes: &[TaskChange]) -> QueryResult<()> {
    fn column<'c, T>(changes: &'c [TaskChange], value: impl Fn(&'c Task) -> T) -> Vec<T> {
        changes.iter().map(|change| value(&change.task)).collect()
    }
    let statement = sql_query(UPDATE)
        .bind::<Array<BigInt>, _>(column(changes, |task| task.id.get()))
        .bind::<Array<Text>, _>(column(changes, |task| task.title.as_str()))
        .bind::<Array<Nullable<Text>>, _>(column(changes, |task| task.description.as_ref().map(Description::as_str)))
        .bind::<Array<Text>, _>(column(changes, |task| task.status.as_str()))
        .bind::<Array<Text>, _>(column(changes, |task| task.priority.as_str()))
        .bind::<Array<Nullable<BigInt>>, _>(column(changes, |task| task.assignee_id.map(UserId::get)))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(changes, |task| task.due.map(|due| SqlTimestamp(due.at()))))
        .bind::<Array<Bool>, _>(column(changes, |task| task.due.is_some_and(Due::is_day)))
        .bind::<Array<Nullable<BigInt>>, _>(column(changes, |task| task.parent_id.map(TaskId::get)))
        .bind::<Array<Nullable<Text>>, _>(column(changes, |task| task.moved_to.as_ref().map(Position::as_str)))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(changes, |task| task.completed_at.map(SqlTimestamp)))
        .bind::<Array<Bool>, _>(column(changes, |task| !task.labels.as_slice().is_empty()))
        .bind::<Array<Bool>, _>(column(changes, |task| !task.reminders.as_slice().is_empty()))
        .bind::<Array<Timestamptz>, _>(column(changes, |task| SqlTimestamp(task.updated_at)))
        .bind::<Array<BigInt>, _>(column(changes, |task| task.version))
        .bind::<Array<Bool>, _>(changes.iter().map(|change| change.words.is_some()).collect::<Vec<_>>());
    Cached(statement).execute(conn).await.map(drop)
}

/// Adds labels of the project to tasks, as pairs of their ids. Returns how many of the labels the project has.
pub(super) async fn add_labels(conn: &mut Connection, project: i64, pairs: &[(i64, i64)]) -> QueryResult<usize> {
    let statement = sql_query(
        "INSERT INTO task_labels (task_id, label_id) SELECT added.task_id, labels.id \
         FROM unnest($1, $2) AS added (task_id, label_id) \
             JOIN labels ON labels.id = added.label_id AND labels.project_id = $3",
    );
    let (tasks, labels): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
    let statement = statement.bind::<Array<BigInt>, _>(tasks).bind::<Array<BigInt>, _>(labels);
    Cached(statement.bind::<BigInt, _>(project)).execute(conn).await
}

/// Takes labels from tasks, as pairs of their ids. The labels are locked first, as the deletion of a label does.
pub(super) async fn remove_labels(conn: &mut Connection, pairs: &[(i64, i64)]) -> QueryResult<()> {
    let statement = sql_query(
        "WITH kept AS (SELECT id FROM labels WHERE id = ANY($2) ORDER BY id FOR KEY SHARE) \
         DELETE FROM task_labels USING unnest($1, $2) AS removed (task_id, label_id) \
             JOIN kept ON kept.id = removed.label_id \
         WHERE task_labels.task_id = removed.task_id AND task_labels.label_id = removed.label_id",
    );
    let (tasks, labels): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
    let statement = statement.bind::<Array<BigInt>, _>(tasks).bind::<Array<BigInt>, _>(labels);
    Cached(statement).execute(conn).await.map(drop)
}

/// Takes reminders from tasks, as pairs of a task's id and a time.
pub(super) async fn remove_reminders(conn: &mut Connection, pairs: &[(i64, SqlTimestamp)]) -> QueryResult<()> {
    let statement = sql_query(
        "DELETE FROM task_reminders USING unnest($1, $2) AS removed (task_id, at) \
         WHERE task_reminders.task_id = removed.task_id AND task_reminders.at = removed.at",
    );
    let (tasks, times): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
    let statement = statement.bind::<Array<BigInt>, _>(tasks).bind::<Array<Timestamptz>, _>(times);
    Cached(statement).execute(conn).await.map(drop)
}
