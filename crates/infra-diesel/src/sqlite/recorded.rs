//! A change and its events, by one statement after the other: they cost no round trip, and are committed in groups.

use super::run_query_dsl::RunQueryDsl;
use super::{
    dialect,
    in_place::Connection,
    repositories::{event, quota::Counter},
};
use crate::{Error, cached::Cached};
use diesel::{OptionalExtension, query_builder::Query};
use diesel_async::methods::LoadQuery;
use fasttrack_domain::event::{TaskEvent, Touched};

/// Inserts a row, inserts its events and, of a task, its words, and counts it. `statement` inserts it and returns its id.
pub(super) async fn insert<'q, S>(
    conn: &mut Connection,
    counter: Counter,
    statement: S,
    _: &'static str,
    words: Option<String>,
    events: impl FnOnce(i64) -> Vec<TaskEvent>,
) -> Result<i64, Error>
where
    S: LoadQuery<'q, Connection, i64> + 'q,
{
    let id = statement.get_result(conn).await?;
    if let Some(words) = words {
        dialect::replace_words(conn, vec![(id, words)]).await?;
    }
    event::record(conn, &events(id)).await?;
    counter.add(conn).await?;
    Ok(id)
}

/// Updates the row of a task, and writes its words, if they are given, and the events of the change. `statement` returns
/// the row's id. Returns whether it found the row.
pub(super) async fn update<'q, S>(
    conn: &mut Connection,
    statement: S,
    words: Option<String>,
    events: &[TaskEvent],
    touched: &[Touched],
) -> Result<bool, Error>
where
    S: Query,
    Cached<S>: LoadQuery<'q, Connection, i64> + 'q,
{
    let found: Option<i64> = Cached(statement).get_result(conn).await.optional()?;
    let Some(id) = found else { return Ok(false) };
    if let Some(words) = words {
        dialect::replace_words(conn, vec![(id, words)]).await?;
    }
    event::record(conn, events).await?;
    event::record(conn, touched).await?;
    Ok(true)
}

/// For [`insert`]: the id of the row that counts the new one.
pub(super) fn counted(counter: &Counter) -> i64 {
    counter.id
}
