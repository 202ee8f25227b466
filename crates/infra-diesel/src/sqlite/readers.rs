//! Connections that read.

use super::connection::{self, Access, Connection, in_place};
use crate::Error;
use std::sync::{Mutex, PoisonError};

/// As many connections as there were ever threads that read at once. Taking one costs a fraction of what SQLite
/// itself locks for each read.
pub(super) struct Readers {
    url: String,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(url: String) -> Self {
        Self { url, idle: Mutex::default() }
    }

    /// A connection that isn't for [`run`](Self::run).
    pub(super) fn open(&self, access: Access) -> Result<Connection, Error> {
        connection::open(&self.url, access)
    }

    /// Runs `work` on the calling thread. The connection of work that panics is closed.
    pub(super) fn run<T>(&self, work: impl AsyncFnOnce(&mut Connection) -> Result<T, Error>) -> Result<T, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = idle.map_or_else(|| self.open(Access::Read), Ok)?;
        let result = in_place(work(&mut connection));
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }
}
