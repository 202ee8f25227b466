//! The read-only connections.

use super::{
    connection::{self, Access},
    in_place::{Connection, in_place},
};
use crate::Error;
use std::sync::{Mutex, PoisonError};

/// A pool that opens a connection whenever none is idle: as many as threads have read at once. Taking one costs a fraction
/// of the locks of each read in SQLite.
pub(super) struct Readers {
    url: String,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(url: String) -> Self {
        Self { url, idle: Mutex::default() }
    }

    /// Opens a connection outside the pool.
    pub(super) fn open(&self, access: Access) -> Result<Connection, Error> {
        connection::open(&self.url, access)
    }

    /// Runs `work` on the calling thread. If it panics, its connection is closed.
    pub(super) fn run<T>(&self, work: impl AsyncFnOnce(&mut Connection) -> Result<T, Error>) -> Result<T, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = idle.map_or_else(|| self.open(Access::Read), Ok)?;
        let result = in_place(work(&mut connection));
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }
}
