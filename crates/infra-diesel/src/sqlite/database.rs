//! Passes units of work to the connections that read, and to the one that writes.

use super::{
    bulk,
    connection::{self, Access},
    executor::{Executor, Inline},
    files,
    in_place::{Connection, in_place},
    location::{OpenError, SqliteLocation},
    migrations,
    readers::Readers,
    repositories::{self, schema_state},
    writer::Writer,
};
use crate::{Error, SchemaState, hints::Hints, space::Space};
use fasttrack_domain::ports::{Repositories, RepositoryError};
use std::sync::Arc;

/// An open database. Clones share it. When the last clone is dropped, it waits until all queued work is committed, and
/// closes the database.
#[derive(Clone)]
pub struct Database {
    shared: Arc<Shared>,
}

struct Shared {
    hints: Hints,
    space: Space,
    /// `None` for a database in memory: it lives in the connection that writes.
    readers: Option<Readers>,
    // Dropped last: the last connection to close deletes the write-ahead log.
    writer: Executor,
}

impl Database {
    /// Opens the database, or creates an empty one. Blocks the calling thread.
    pub fn open(location: &SqliteLocation) -> Result<Self, OpenError> {
        let url = location.url()?;
        if let SqliteLocation::File(path) = location {
            files::create_private(path);
        }
        let mut connection = connection::open(&url, Access::Write).map_err(|error| location.explain(error))?;
        let state = in_place(schema_state(&mut connection)).map_err(|error| location.explain(error))?;
        if let SchemaState::Newer(version) = state {
            return Err(OpenError::Newer { database: location.to_string(), version });
        }
        if let SqliteLocation::File(path) = location {
            files::restrict_permissions(path);
        }
        let log = match location {
            // SQLite puts it beside the file, not beside a link to it.
            SqliteLocation::File(path) => path.canonicalize().ok().map(|path| files::with_suffix(&path, "-wal")),
            SqliteLocation::Memory => None,
        };
        let writer = Executor::Thread(Writer::start(connection, log).map_err(OpenError::Thread)?);
        let readers = matches!(location, SqliteLocation::File(_)).then(|| Readers::new(url));
        Ok(Self { shared: Arc::new(Shared { hints: Hints::default(), space: Space::default(), readers, writer }) })
    }

    /// Opens the database with this name for a simulation, or creates an empty one. It starts no thread: each unit of work,
    /// reads too, is done on the calling thread and in a transaction of its own, at the first poll of its future. So what
    /// polls the futures decides alone on the order of the work.
    ///
    /// A name like `file:/name?vfs=memdb` is of a database in memory that other connections of this process can open, too.
    pub fn open_inline(name: &str) -> Result<Self, OpenError> {
        let opened = connection::open(name, Access::Write);
        let connection = opened.map_err(|source| OpenError::Other { database: name.to_owned(), source })?;
        let writer = Executor::Inline(Inline::new(connection));
        Ok(Self {
            shared: Arc::new(Shared { hints: Hints::default(), space: Space::default(), readers: None, writer }),
        })
    }

    /// Runs `work` on a read-only connection, on the calling thread. Each query sees the database as it is at one moment; two
    /// queries may see different moments. `work` may await nothing but its statements.
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
        result.map_err(|error| self.record_error(error))
    }

    /// Runs `work` as [`read`](Self::read) does, but all its queries see the database as it is at one moment.
    #[tracing::instrument(name = "sqlite read", skip_all, fields(otel.kind = "client", db.system.name = "sqlite"))]
    pub(crate) async fn read_snapshot<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut Connection) -> Result<T, Error> + Send + 'static,
    {
        let result = match &self.shared.readers {
            Some(readers) => readers.run(async move |conn: &mut Connection| snapshot(conn, work).await),
            // Whatever that connection does is in a transaction.
            None => self.shared.writer.run(work).await,
        };
        result.map_err(|error| self.record_error(error))
    }

    /// Runs `work` as one transaction: committed where it returns `Ok`, rolled back where it returns `Err` or panics.
    /// Returns once the commit is on disk. `work` may await nothing but its statements.
    ///
    /// If the future is dropped before the work has begun, it may not be done; once begun, it is completed.
    #[tracing::instrument(name = "sqlite write", skip_all, fields(otel.kind = "client", db.system.name = "sqlite"))]
    pub async fn write<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut Connection) -> Result<T, Error> + Send + 'static,
    {
        self.shared.writer.run(work).await.map_err(|error| self.record_error(error))
    }

    /// Runs `work`, which is one statement on PostgreSQL, as [`write`](Self::write) does.
    pub(crate) async fn write_statement<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut Connection) -> Result<T, Error> + Send + 'static,
    {
        self.write(work).await
    }

    /// Does `what` by `alone`: on PostgreSQL, what comes at the same time can be one statement. Here writes are one commit
    /// anyway, and a read has no round trip.
    pub(crate) async fn grouped<W, T, A>(&self, what: W, alone: impl FnOnce(W) -> A) -> Result<T, RepositoryError>
    where
        A: Future<Output = Result<T, RepositoryError>>,
    {
        alone(what).await
    }

    fn record_error(&self, error: Error) -> RepositoryError {
        self.shared.space.note(&error);
        error.into()
    }

    /// Whether the disk was full lately.
    pub(crate) fn space(&self) -> &Space {
        &self.shared.space
    }

    /// Applies the pending migrations in one transaction and returns their names. Several processes may do so at once.
    pub async fn migrate(&self) -> Result<Vec<String>, Error> {
        self.shared.writer.run(migrations::migrate).await
    }

    /// What to notify after a commit. Clones share it.
    pub(crate) fn hints(&self) -> &Hints {
        &self.shared.hints
    }

    /// Opens another read-only connection.
    pub(crate) fn another_reader(&self) -> Result<Connection, Error> {
        self.shared.readers.as_ref().ok_or(Error::InMemory)?.open(Access::Read)
    }

    /// Opens another writing connection. It and the writer thread wait for each other's transactions.
    pub(crate) fn another_writer(&self) -> Result<Connection, Error> {
        self.shared.readers.as_ref().ok_or(Error::InMemory)?.open(Access::Write)
    }

    /// Compares the schema with this program's migrations.
    pub async fn schema_state(&self) -> Result<SchemaState, Error> {
        self.shared.writer.run(schema_state).await
    }

    /// Every port that a database implements.
    pub fn repositories(&self) -> Repositories {
        repositories::all(self)
    }
}

/// Runs `work` in a transaction that only reads.
async fn snapshot<T>(
    conn: &mut Connection,
    work: impl AsyncFnOnce(&mut Connection) -> Result<T, Error>,
) -> Result<T, Error> {
    bulk::begin_reading(conn).await?;
    let result = work(conn).await;
    let ended = bulk::commit(conn).await;
    let value = result?;
    ended?;
    Ok(value)
}
