//! The parameters of a statement that writes several rows: an array for each column.

use super::super::repositories::event::StoredEvent;
use crate::{Error, sql_timestamp::SqlTimestamp};

/// The values of one column.
pub(super) fn column<'r, R, T>(rows: &'r [R], value: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// Events, each with the number of what it is about.
#[derive(Default)]
pub(super) struct Events {
    pub(super) subjects: Vec<i64>,
    pub(super) kinds: Vec<&'static str>,
    pub(super) payloads: Vec<String>,
    pub(super) times: Vec<SqlTimestamp>,
}

impl Events {
    pub(super) fn add<E: StoredEvent>(&mut self, subject: i64, events: &[E]) -> Result<(), Error> {
        for event in events {
            self.subjects.push(subject);
            self.kinds.push(event.name());
            self.payloads.push(serde_json::to_string(event)?);
            self.times.push(SqlTimestamp(event.at()));
        }
        Ok(())
    }
}

/// The places of rows, from 1.
pub(super) fn places() -> impl Iterator<Item = i64> {
    1..
}
