//! A change and its events, by one statement after the other: they cost no round trip, and are committed in groups.

use super::{
    in_place::Connection,
    repositories::{event, quota::Counter},
};
use crate::{Error, cached::Cached};
use diesel::{OptionalExtension, query_builder::Query};
use diesel_async::{RunQueryDsl, methods::LoadQuery};
use fasttrack_domain::event::TaskEvent;

/// Inserts a row, inserts its events, and counts it. `statement` inserts it and returns its id.
pub(super) async fn insert<'q, S>(
    conn: &mut Connection,
    counter: Counter,
    statement: S,
    _: &'static str,
    events: impl FnOnce(i64) -> Vec<TaskEvent>,
) -> Result<i64, Error>
where
    S: LoadQuery<'q, Connection, i64> + 'q,
{
    let id = statement.get_result(conn).await?;
    event::record(conn, &events(id)).await?;
    counter.add(conn).await?;
    Ok(id)
}

/// Updates a row and inserts the events of the change. `statement` returns the row's id. Returns whether it found the row.
pub(super) async fn update<'q, S>(conn: &mut Connection, statement: S, events: &[TaskEvent]) -> Result<bool, Error>
where
    S: Query,
    Cached<S>: LoadQuery<'q, Connection, i64> + 'q,
{
    let found: Option<i64> = Cached(statement).get_result(conn).await.optional()?;
    if found.is_some() {
        event::record(conn, events).await?;
    }
    Ok(found.is_some())
}

/// For [`insert`]: the id of the row that counts the new one.
pub(super) fn counted(counter: &Counter) -> i64 {
    counter.id
}
