//! The parameters of a statement that writes several rows: an array for each column.

use super::repositories::event::StoredEvent;
use crate::sql_timestamp::SqlTimestamp;

/// The values of one column.
pub(super) fn column<'r, R, T>(rows: &'r [R], value: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// The columns of events.
#[derive(Default)]
pub(super) struct Events {
    pub(super) kinds: Vec<&'static str>,
    pub(super) payloads: Vec<String>,
    pub(super) times: Vec<SqlTimestamp>,
}

impl Events {
    /// Adds events behind those that there are.
    pub(super) fn add<E: StoredEvent>(&mut self, events: &[E]) -> Result<(), serde_json::Error> {
        for event in events {
            self.kinds.push(event.name());
            self.payloads.push(serde_json::to_string(event)?);
            self.times.push(SqlTimestamp(event.at()));
        }
        Ok(())
    }
}
