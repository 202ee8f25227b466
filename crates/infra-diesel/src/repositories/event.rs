//! Inserts events into the outbox, in the transaction of the change that causes them.

use super::{Connection, Database, Error, SqlTimestamp, bulk, schema::events};
use diesel::Insertable;
use fasttrack_domain::{
    Timestamp,
    event::{Event, ProjectChanged, ProjectShared, TaskEvent, Touched},
};
use serde::Serialize;

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

/// A variant of [`Event`], which is serialized as the event is.
pub(in super::super) trait StoredEvent: Serialize {
    fn name(&self) -> &'static str;

    fn at(&self) -> Timestamp;
}

impl StoredEvent for TaskEvent {
    fn name(&self) -> &'static str {
        self.kind.name()
    }

    fn at(&self) -> Timestamp {
        self.at
    }
}

impl StoredEvent for ProjectShared {
    fn name(&self) -> &'static str {
        Event::ProjectShared(self.clone()).name()
    }

    fn at(&self) -> Timestamp {
        self.at
    }
}

impl StoredEvent for ProjectChanged {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn at(&self) -> Timestamp {
        self.at
    }
}

impl StoredEvent for Touched {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn at(&self) -> Timestamp {
        self.at
    }
}

fn rows<E: StoredEvent>(events: &[E]) -> Result<Vec<NewEventRow>, Error> {
    let row = |event: &E| {
        let payload = serde_json::to_string(event)?;
        Ok(NewEventRow { kind: event.name(), payload, created_at: SqlTimestamp(event.at()) })
    };
    events.iter().map(row).collect()
}

/// Inserts the few events of one change, in this order.
pub(in super::super) async fn record<E: StoredEvent>(conn: &mut Connection, events: &[E]) -> Result<(), Error> {
    Ok(bulk::insert_few(conn, events::table, rows(events)?).await?)
}

/// Inserts any number of events, in this order.
pub(super) async fn record_all<E: StoredEvent>(conn: &mut Connection, events: &[E]) -> Result<(), Error> {
    Ok(bulk::insert(conn, events::table, rows(events)?).await?)
}
