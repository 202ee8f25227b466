//! SQLite: one writing connection on a thread of its own, and reading connections for whoever reads.
//!
//! Writes of many callers share a commit, and with it the wait for the disk. Reads run on the calling thread: a
//! point read takes microseconds, and so would the hop to another thread.

pub mod backup;
mod bulk;
mod connection;
#[path = "../copy/transaction.rs"]
pub(crate) mod copy_transaction;
mod dialect;
mod files;
mod location;
mod readers;
#[path = "../repositories/mod.rs"]
pub mod repositories;
#[path = "../schema.rs"]
mod schema;
mod server_lock;
mod writer;

pub use connection::Connection;
pub use location::{OpenError, SqliteLocation};
pub use server_lock::{ServerLock, served_by};

use crate::{Error, SchemaState, hints::Hints, space::Space};
use connection::{Access, in_place};
use fasttrack_domain::ports::RepositoryError;
use readers::Readers;
use repositories::schema_state;
use std::sync::Arc;
use writer::Writer;

/// How a timestamp is stored: as microseconds since the epoch.
type Moment = diesel::sql_types::BigInt;

/// An open database. Clones share it; the last one to go waits until what was handed in is committed, and closes it.
#[derive(Clone)]
pub struct Database {
    shared: Arc<Shared>,
}

struct Shared {
    hints: Hints,
    space: Space,
    /// `None` for a database in memory: it lives in the connection that writes.
    readers: Option<Readers>,
    // Goes last, and leaves no log behind.
    writer: Writer,
}

impl Database {
    /// Opens the database, or makes an empty one. Blocks the calling thread.
    pub fn open(location: &SqliteLocation) -> Result<Self, OpenError> {
        let url = location.url()?;
        if let SqliteLocation::File(path) = location {
            files::make_private(path);
        }
        let mut connection = connection::open(&url, Access::Write).map_err(|error| location.explain(error))?;
        let state = in_place(schema_state(&mut connection)).map_err(|error| location.explain(error))?;
        if let SchemaState::Newer(version) = state {
            return Err(OpenError::Newer { database: location.to_string(), version });
        }
        if let SqliteLocation::File(path) = location {
            files::tighten(path);
        }
        let log = match location {
            // It's beside the file itself, not beside a link to it.
            SqliteLocation::File(path) => path.canonicalize().ok().map(|path| files::beside(&path, "-wal")),
            SqliteLocation::Memory => None,
        };
        let writer = Writer::start(connection, log).map_err(OpenError::Thread)?;
        let readers = matches!(location, SqliteLocation::File(_)).then(|| Readers::new(url));
        Ok(Self { shared: Arc::new(Shared { hints: Hints::default(), space: Space::default(), readers, writer }) })
    }

    /// Runs `work` on a connection that only reads, on the calling thread. One query sees one moment; two may see
    /// two. Work may wait for nothing but its own statements.
    #[tracing::instrument(name = "sqlite read", skip_all, fields(otel.kind = "client", db.system.name = "sqlite"))]
    pub async fn read<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut Connection) -> Result<T, Error> + Send + 'static,
    {
        let result = match &self.shared.readers {
            Some(readers) => readers.run(work),
            None => self.shared.writer.run(work).await,
        };
        result.map_err(|error| self.refused(error))
    }

    /// Runs `work` as one transaction: committed where it answers `Ok`, undone where it answers `Err` or panics.
    /// Answers once the commit is on disk. Work may wait for nothing but its own statements.
    ///
    /// Work whose future is dropped before it began may be left out; once begun, it is brought to its end.
    #[tracing::instrument(name = "sqlite write", skip_all, fields(otel.kind = "client", db.system.name = "sqlite"))]
    pub async fn write<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut Connection) -> Result<T, Error> + Send + 'static,
    {
        self.shared.writer.run(work).await.map_err(|error| self.refused(error))
    }

    fn refused(&self, error: Error) -> RepositoryError {
        self.shared.space.note(&error);
        error.into()
    }

    /// When a write failed for lack of space.
    pub(crate) fn space(&self) -> &Space {
        &self.shared.space
    }

    /// Applies what is pending, all or nothing, and names it. Any number of processes may do so at once.
    pub async fn migrate(&self) -> Result<Vec<String>, Error> {
        self.shared.writer.run(connection::migrate).await
    }

    /// Of what was written through this database and its clones.
    pub(crate) fn hints(&self) -> &Hints {
        &self.shared.hints
    }

    /// A connection of its own that only reads.
    pub(crate) fn another_reader(&self) -> Result<Connection, Error> {
        self.shared.readers.as_ref().ok_or(Error::InMemory)?.open(Access::Read)
    }

    /// A connection of its own that writes: one of them, or the thread that writes, has to wait for the other.
    pub(crate) fn another_writer(&self) -> Result<Connection, Error> {
        self.shared.readers.as_ref().ok_or(Error::InMemory)?.open(Access::Write)
    }

    /// What stands between the schema and this program.
    pub async fn schema_state(&self) -> Result<SchemaState, Error> {
        self.shared.writer.run(schema_state).await
    }
}
