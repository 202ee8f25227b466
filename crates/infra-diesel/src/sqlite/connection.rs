//! How a connection is opened.

use super::in_place::Connection;
use crate::Error;
use diesel::{
    Connection as _, SqliteConnection,
    connection::SimpleConnection,
    migration::CREATE_MIGRATIONS_TABLE,
    result::{DatabaseErrorKind, Error as QueryError},
};
use std::{fs, os::unix::fs::MetadataExt};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// How long a connection waits for the lock of another process: 5 s.
pub(super) const BUSY_TIMEOUT: &str = "PRAGMA busy_timeout = 5000";

/// Settings of every connection. The whole file is mapped into memory, up to 1 TiB, so that connections share its pages in the
/// system's cache. SQLite lowers it to the `SQLITE_MAX_MMAP_SIZE` that it was compiled with, 2 GiB unless another was set.
const SETTINGS: &str = "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; \
     PRAGMA cache_size = -8192; PRAGMA mmap_size = 1099511627776;";

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
