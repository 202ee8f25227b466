//! The outbox: events, committed with the change that causes them.

use super::{Connection, Error, Stamp, schema::events};
use diesel::{ExpressionMethods, insert_into};
use diesel_async::RunQueryDsl;
use fasttrack_domain::event::Event;

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
