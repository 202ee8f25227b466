//! Writes the words of tasks at the end of a group.
//!
//! FTS5 makes a segment of its index of all words that were written since a savepoint, and merges it with others soon. With a
//! savepoint for each unit that was a segment for each task, and a tenth of the writer's time.

use super::{
    in_place::{Connection, answer},
    run_query_dsl::RunQueryDsl,
};
use crate::cached::Cached;
use diesel::{
    QueryResult, QueryableByName, sql_query,
    sql_types::{BigInt, Text},
};
use std::collections::BTreeMap;

/// Makes the transactions of this connection groups.
pub(super) fn group(conn: &mut Connection) {
    *conn.words() = Some(Vec::new());
}

/// Writes the words of tasks, by their ids, in place of those that are there. In a group it does so at the end.
pub(super) async fn replace_words(conn: &mut Connection, rows: Vec<(i64, String)>) -> QueryResult<()> {
    match conn.words() {
        Some(later) => later.extend(rows),
        None => write(conn, rows).await?,
    }
    Ok(())
}

/// How many words wait, for [`forget`].
pub(super) fn waiting(conn: &mut Connection) -> usize {
    conn.words().as_ref().map_or(0, Vec::len)
}

/// Forgets those that came after so many: they were of a unit that is rolled back.
pub(super) fn forget(conn: &mut Connection, after: usize) {
    if let Some(words) = conn.words() {
        words.truncate(after);
    }
}

// @decision DEC-0031
/// Writes those that wait, of tasks that no later unit deleted.
pub(super) fn write_all(conn: &mut Connection) -> QueryResult<()> {
    let waiting = conn.words().as_mut().map(|words| words.drain(..).collect::<BTreeMap<_, _>>());
    let Some(waiting) = waiting.filter(|waiting| !waiting.is_empty()) else { return Ok(()) };
    answer(write_existing(conn, waiting)).into_inner()
}

#[derive(QueryableByName)]
struct Existing {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// In the order of the ids, as FTS5 begins another segment where one is less than that before it.
async fn write_existing(conn: &mut Connection, mut waiting: BTreeMap<i64, String>) -> QueryResult<()> {
    let ids = waiting.keys().map(i64::to_string).collect::<Vec<_>>().join(",");
    let statement = "SELECT id FROM tasks WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id";
    let existing = Cached(sql_query(statement).bind::<Text, _>(format!("[{ids}]"))).load::<Existing>(conn).await?;
    let rows = existing.into_iter().filter_map(|row| waiting.remove_entry(&row.id)).collect();
    write(conn, rows).await
}

/// Writes words at once.
async fn write(conn: &mut Connection, rows: Vec<(i64, String)>) -> QueryResult<()> {
    for (id, words) in rows {
        let statement = sql_query("INSERT OR REPLACE INTO task_words (rowid, words) VALUES (?, ?)");
        Cached(statement.bind::<BigInt, _>(id).bind::<Text, _>(words)).execute(conn).await?;
    }
    Ok(())
}
