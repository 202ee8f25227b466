//! Writes rows of several tasks on SQLite, by one statement after the other: they cost no round trip.

use super::run_query_dsl::RunQueryDsl;
use super::{in_place::Connection, repositories::task::row};
use crate::{cached::Cached, sql_timestamp::SqlTimestamp};
use diesel::{
    QueryResult, sql_query,
    sql_types::{BigInt, Text},
};
use fasttrack_domain::task::TaskChange;

/// Updates the rows of changed tasks. All of them are stored in the versions that the changes are based on.
pub(super) async fn update_all(conn: &mut Connection, changes: &[TaskChange]) -> QueryResult<()> {
    for change in changes {
        row::update(conn, change).await?;
    }
    Ok(())
}

/// Adds labels of the project to tasks, as pairs of their ids. Returns how many of the labels the project has.
pub(super) async fn add_labels(conn: &mut Connection, project: i64, pairs: &[(i64, i64)]) -> QueryResult<usize> {
    let statement = sql_query(
        "INSERT INTO task_labels (task_id, label_id) SELECT added.value ->> 0, labels.id \
         FROM json_each(?) AS added \
             CROSS JOIN labels ON labels.id = added.value ->> 1 AND labels.project_id = ?",
    );
    Cached(statement.bind::<Text, _>(array(pairs)).bind::<BigInt, _>(project)).execute(conn).await
}

/// Takes labels from tasks, as pairs of their ids.
pub(super) async fn remove_labels(conn: &mut Connection, pairs: &[(i64, i64)]) -> QueryResult<()> {
    let statement = "DELETE FROM task_labels WHERE (task_id, label_id) IN \
         (SELECT value ->> 0, value ->> 1 FROM json_each(?))";
    Cached(sql_query(statement).bind::<Text, _>(array(pairs))).execute(conn).await.map(drop)
}

/// Takes reminders from tasks, as pairs of a task's id and a time.
pub(super) async fn remove_reminders(conn: &mut Connection, pairs: &[(i64, SqlTimestamp)]) -> QueryResult<()> {
    let pairs: Vec<_> = pairs.iter().map(|(task, at)| (*task, at.0.timestamp_micros())).collect();
    let statement = "DELETE FROM task_reminders WHERE (task_id, at) IN \
         (SELECT value ->> 0, value ->> 1 FROM json_each(?))";
    Cached(sql_query(statement).bind::<Text, _>(array(&pairs))).execute(conn).await.map(drop)
}

/// Pairs as a JSON array of arrays.
fn array(pairs: &[(i64, i64)]) -> String {
    let pairs = pairs.iter().map(|(one, other)| format!("[{one},{other}]")).collect::<Vec<_>>();
    format!("[{}]", pairs.join(","))
}
