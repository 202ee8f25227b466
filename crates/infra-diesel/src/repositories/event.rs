//! Inserts events into the outbox, in the transaction of the change that causes them.

use super::{Connection, Database, Error, SqlTimestamp, bulk, schema::events};
use diesel::Insertable;
use fasttrack_domain::event::Event;

/// For `inspect` on the result of a change: wakes the dispatcher of events.
pub(super) fn notify<T>(database: &Database) -> impl FnOnce(&T) {
    |_| database.hints().events.notify_one()
}

#[derive(Insertable)]
#[diesel(table_name = events)]
struct NewEventRow {
    kind: &'static str,
    payload: String,
    created_at: SqlTimestamp,
}

/// Inserts events, in this order.
pub(in super::super) async fn record(conn: &mut Connection, events: &[Event]) -> Result<(), Error> {
    let row = |event: &Event| {
        let payload = serde_json::to_string(event)?;
        Ok(NewEventRow { kind: event.kind.name(), payload, created_at: SqlTimestamp(event.at) })
    };
    let rows = events.iter().map(row).collect::<Result<Vec<_>, Error>>()?;
    Ok(bulk::insert_few(conn, events::table, rows).await?)
}
