//! Where the units of work of the writing connection run.

use super::{
    in_place::{Connection, in_place},
    writer::{Writer, execute},
};
use crate::Error;
use std::sync::{Arc, Mutex, PoisonError};

/// Runs units of work on the writing connection.
pub(super) enum Executor {
    /// On the writer thread, which commits many units together.
    Thread(Writer),
    /// On the calling thread, one after the other.
    Inline(Inline),
}

impl Executor {
    /// Runs `work` in a transaction, and returns once that is committed or rolled back.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut Connection) -> Result<T, Error> + Send + 'static,
    {
        match self {
            Self::Thread(writer) => writer.run(work).await,
            Self::Inline(inline) => inline.run(work),
        }
    }
}

/// A connection that does its work on the calling thread, each unit in a transaction of its own. It is in a box as it is
/// large.
pub(super) struct Inline(Box<Mutex<Connection>>);

impl Inline {
    pub(super) fn new(connection: Connection) -> Self {
        Self(Box::new(Mutex::new(connection)))
    }

    fn run<T>(&self, work: impl AsyncFnOnce(&mut Connection) -> Result<T, Error>) -> Result<T, Error> {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let connection: &mut Connection = &mut guard;
        execute(connection, "BEGIN IMMEDIATE")?;
        let result = in_place(work(&mut *connection));
        if result.is_ok() {
            if let Err(error) = execute(connection, "COMMIT") {
                // Fails where SQLite has rolled back by itself.
                let _ = execute(connection, "ROLLBACK");
                return Err(Error::Commit(Arc::new(error)));
            }
        } else {
            execute(connection, "ROLLBACK")?;
        }
        result
    }
}
