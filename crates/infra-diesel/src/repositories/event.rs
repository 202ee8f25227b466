//! The outbox: events, committed with the change that causes them.

use super::{Connection, Database, Error, Stamp, schema::events};
use diesel::{ExpressionMethods, insert_into};
use diesel_async::RunQueryDsl;
use fasttrack_domain::event::Event;

/// For the result of a change: lets it be known that there are events.
pub(super) fn ring<T>(database: &Database) -> impl FnOnce(&T) {
    |_| database.hints().events.notify_one()
}

/// Writes down what happened, in this order.
pub(super) async fn record(conn: &mut Connection, events: &[Event]) -> Result<(), Error> {
    for event in events {
        insert_into(events::table)
            .values((
                events::kind.eq(event.kind.name()),
                events::payload.eq(serde_json::to_string(event)?),
                events::created_at.eq(Stamp(event.at)),
            ))
            .execute(conn)
            .await?;
    }
    Ok(())
}
