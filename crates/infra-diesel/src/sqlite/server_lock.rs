//! The lock that makes sure that one server at most uses a database file.
//!
//! SQLite lets any number of processes write, but a server has state in memory that other processes don't see: open
//! connections, rate limits, revoked tokens. Commands may use the database beside it.

use super::{
    files::{PRIVATE, create_private, with_suffix},
    location::{OpenError, SqliteLocation},
};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process,
};

/// The suffix of the lock file. The file is never deleted: else two servers could lock two files of the same name.
const SUFFIX: &str = ".lock";

/// Held by the server of a database until its process ends.
///
/// It is a lock of the operating system (`flock`) on a file beside the database, so that it is released after a crash.
#[derive(Debug)]
pub struct ServerLock {
    #[expect(dead_code, reason = "holds the lock")]
    file: File,
}

impl ServerLock {
    /// Takes the lock of the database at `location`, whose file is created where it's missing. `None` where the database is
    /// in memory. [`OpenError::Served`] where another server has the lock.
    pub fn take(location: &SqliteLocation) -> Result<Option<Self>, OpenError> {
        let SqliteLocation::File(path) = location else { return Ok(None) };
        create_private(path);
        // Without the file the database can't be opened either, which reports why.
        let Ok(path) = lock_file(path) else { return Ok(None) };
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(PRIVATE).open(&path);
        let mut file = opened.map_err(|_| OpenError::NotWritable(location.clone()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::Served { database: location.to_string(), process: holder(&path) });
            }
            // Some network file systems have no locks, and SQLite's don't work there either.
            Err(TryLockError::Error(error)) => {
                tracing::warn!(file = %path.display(), %error, "can't be locked: make sure that only one server uses the database");
            }
        }
        // For error messages. The lock is held without it.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", process::id()));
        Ok(Some(Self { file }))
    }
}

/// Which process serves the database file at `path`, if one does.
pub fn served_by(path: &Path) -> Option<String> {
    let path = lock_file(path).ok()?;
    let file = File::open(&path).ok()?;
    // Shared, so that two such checks don't block each other; released when the file is closed.
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(holder(&path)),
        _ => None,
    }
}

/// The path of the lock file: the same for every path and link to the database.
fn lock_file(database: &Path) -> io::Result<PathBuf> {
    database.canonicalize().map(|path| with_suffix(&path, SUFFIX))
}

fn holder(lock_file: &Path) -> String {
    let text = fs::read_to_string(lock_file).unwrap_or_default();
    let number = text.trim().parse::<u32>();
    number.map_or_else(|_| "another process".to_owned(), |number| format!("process {number}"))
}
