//! How a connection is opened, and how asynchronous code runs on it without ever being suspended.

use super::{
    dialect,
    repositories::{address_forms, schema_state},
    schema::__diesel_schema_migrations as migrations,
};
use crate::{Error, SchemaState};
use diesel::{
    Connection as _, ExpressionMethods, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    insert_into,
    migration::CREATE_MIGRATIONS_TABLE,
    result::{DatabaseErrorKind, Error as QueryError},
};
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use futures_util::{
    FutureExt,
    future::{BoxFuture, ready},
};
use std::{fs, os::unix::fs::MetadataExt};

/// A connection whose futures are ready at the first poll.
pub type Connection = SyncConnectionWrapper<SqliteConnection, InPlace>;

/// Runs blocking work on the calling thread.
pub struct InPlace;

impl SpawnBlocking for InPlace {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn std::error::Error + Send + Sync>>>
    where
        R: Send + 'static,
    {
        Box::pin(ready(Ok(task())))
    }

    fn get_runtime() -> Self {
        Self
    }
}

/// Runs work on a [`Connection`] to its end. [`Error::Waited`] where it awaits anything else.
pub(super) fn in_place<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    work.now_or_never().unwrap_or(Err(Error::Waited))
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// How long a connection waits for the lock of another process: 5 s.
pub(super) const BUSY_TIMEOUT: &str = "PRAGMA busy_timeout = 5000";

/// Settings of every connection. Pages are mapped into memory, so that connections share them in the system's cache.
const SETTINGS: &str = "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; \
     PRAGMA cache_size = -8192; PRAGMA mmap_size = 268435456;";

/// With `synchronous = FULL` a commit is on disk when it is answered.
const DURABLE: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";

/// How many bytes of the write-ahead log are kept after a checkpoint: twice its usual size. To truncate it each time would
/// make the file system allocate the space again.
pub(super) const LOG_LIMIT: u64 = 8 * 1024 * 1024;

/// How often setting the journal's mode is tried while other processes open the same new file.
const ATTEMPTS: usize = 10;

/// Opens a connection. A writing one creates the file, and fails where it can't be written.
pub(super) fn open(url: &str, access: Access) -> Result<Connection, Error> {
    let file = identity(url);
    let mut connection = SqliteConnection::establish(url).map_err(|error| Error::Connection(error.into()))?;
    connection.batch_execute(BUSY_TIMEOUT)?;
    connection.batch_execute(SETTINGS)?;
    match access {
        Access::Read => connection.batch_execute("PRAGMA query_only = ON")?,
        Access::Write => {
            // This waits for the end of a restoration, whose former file the connection has open then.
            connection.batch_execute("BEGIN IMMEDIATE; ROLLBACK")?;
            if file.is_some() && identity(url) != file {
                return open(url, access);
            }
            make_durable(&mut connection)?;
            connection.batch_execute(&format!("PRAGMA journal_size_limit = {LOG_LIMIT}"))?;
            connection.batch_execute(&format!("BEGIN IMMEDIATE; {CREATE_MIGRATIONS_TABLE} COMMIT"))?;
        }
    }
    Ok(Connection::new(connection))
}

/// The device and inode of the file with this name.
fn identity(url: &str) -> Option<(u64, u64)> {
    fs::metadata(url).ok().map(|data| (data.dev(), data.ino()))
}

/// Sets the journal's mode. SQLite doesn't wait for the lock that it needs, so a transaction is begun to wait for it.
fn make_durable(connection: &mut SqliteConnection) -> Result<(), Error> {
    for _ in 1..ATTEMPTS {
        match connection.batch_execute(DURABLE) {
            Err(QueryError::DatabaseError(DatabaseErrorKind::Unknown, info))
                if info.message().ends_with("is locked") =>
            {
                connection.batch_execute("BEGIN IMMEDIATE; ROLLBACK")?;
            }
            result => return Ok(result?),
        }
    }
    Ok(connection.batch_execute(DURABLE)?)
}

/// Applies the pending migrations within the open transaction and returns their names.
pub(super) async fn migrate(connection: &mut Connection) -> Result<Vec<String>, Error> {
    let pending = match schema_state(connection).await? {
        SchemaState::UpToDate => return Ok(Vec::new()),
        SchemaState::Behind(names) => names,
        newer @ SchemaState::Newer(_) => return Err(Error::Schema(newer)),
    };
    match address_forms::split(&pending) {
        None => apply_named(connection, &pending).await?,
        Some((before, after)) => {
            apply_named(connection, before).await?;
            address_forms::convert(connection).await?;
            apply_named(connection, after).await?;
        }
    }
    Ok(pending)
}

/// Applies the migrations with these names.
async fn apply_named(connection: &mut Connection, names: &[String]) -> Result<(), Error> {
    let versions: Vec<_> = dialect::migrations()
        .iter()
        .filter(|migration| names.contains(&migration.name().to_string()))
        .map(|migration| migration.name().version().to_string())
        .collect();
    connection.spawn_blocking(move |connection| Ok(apply(connection, &versions))).await?
}

/// Applies the migrations of these versions, in this order, and records that they are applied.
pub(super) fn apply(connection: &mut SqliteConnection, versions: &[String]) -> Result<(), Error> {
    let known = dialect::migrations();
    let find = |version: &String| known.iter().find(|migration| migration.name().version().to_string() == *version);
    for (version, migration) in versions.iter().filter_map(|version| Some((version, find(version)?))) {
        migration.run(connection).map_err(Error::Migration)?;
        insert_into(migrations::table).values(migrations::version.eq(version)).execute(connection)?;
    }
    Ok(())
}
