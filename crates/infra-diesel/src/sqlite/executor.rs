//! Where the units of work of the writing connection run.

use super::{
    in_place::{Connection, in_place},
    writer::{Writer, execute},
};
use crate::Error;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
};

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
        let result =
            catch_unwind(AssertUnwindSafe(|| in_place(work(&mut *connection)))).unwrap_or(Err(Error::Panicked));
        let result = result.and_then(|value| match execute(connection, "COMMIT") {
            Ok(()) => Ok(value),
            Err(error) => Err(Error::Commit(Arc::new(error))),
        });
        if result.is_err() {
            // Fails where SQLite has rolled back by itself.
            let _ = execute(connection, "ROLLBACK");
        }
        result
    }
}
