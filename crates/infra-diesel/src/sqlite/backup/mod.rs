//! Makes backups of a database file while it is in use, and restores them.
//!
//! The copy is made by SQLite's backup API (<https://sqlite.org/backup.html>), which Diesel doesn't offer: this module uses
//! rusqlite, which is linked to the same library.

mod check;
mod make;
mod pending_file;
mod restore;
mod schema;

pub use check::Contents;
pub use make::backup;
pub use restore::{Restored, restore};

use crate::SchemaState;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// The progress of a backup or restoration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Bytes are being copied.
    Copying {
        /// Bytes copied so far.
        done: u64,
        /// Bytes to copy in all.
        total: u64,
    },
    /// The copy is being checked.
    Checking,
}

/// Reports the progress of a backup or restoration to the caller, who may stop it.
pub struct ProgressHandler {
    /// Called with the progress, several times a second.
    pub report: Box<dyn FnMut(Progress) + Send>,
    /// Set by the caller to stop as soon as possible. Nothing is left behind then.
    pub stop: Arc<AtomicBool>,
}

impl ProgressHandler {
    /// Reports the progress. [`BackupError::Interrupted`] where the caller has set `stop`.
    fn report_progress(&mut self, progress: Progress) -> Result<(), BackupError> {
        (self.report)(progress);
        if self.stop.load(Ordering::Relaxed) { Err(BackupError::Interrupted) } else { Ok(()) }
    }

    /// Interrupts statements of this connection once `stop` is set.
    fn attach(&self, connection: &Connection) -> rusqlite::Result<()> {
        const OPERATIONS: i32 = 100_000;
        let stop = Arc::clone(&self.stop);
        connection.progress_handler(OPERATIONS, Some(move || stop.load(Ordering::Relaxed)))
    }
}

/// Why a backup or a restoration failed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file does not exist.
    #[error("{} does not exist", .0.display())]
    Missing(PathBuf),
    /// The path is not a file, but a directory, say.
    #[error("{} is no file", .0.display())]
    NoFile(PathBuf),
    /// The target exists: nothing is overwritten.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// The directory does not exist.
    #[error("the directory {} does not exist", .0.display())]
    NoDirectory(PathBuf),
    /// The file is not a SQLite database.
    #[error("{} is not a SQLite database", .0.display())]
    NotADatabase(PathBuf),
    /// The file is a database of another program.
    #[error("{} is a SQLite database, but none of this program", .0.display())]
    Foreign(PathBuf),
    /// The file is a database of a newer program.
    #[error("the schema of {} is {state}", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// How its schema compares with this program's.
        state: SchemaState,
    },
    /// The schema differs from what our migrations make.
    #[error(
        "the schema of {} is not exactly that of this program: {differences}; what was added on purpose has to be dropped \
         from a copy before that is restored",
        path.display()
    )]
    Differs {
        /// The file.
        path: PathBuf,
        /// The differences.
        differences: String,
    },
    /// The expected schema could not be made in memory.
    #[error("the schema can't be compared: {source}")]
    Expected {
        /// The error.
        source: crate::Error,
    },
    /// Pages are missing or inconsistent.
    #[error("{} is damaged: {found}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The first fault.
        found: String,
    },
    /// There is a write-ahead log beside the file, which would be missing in the copy.
    #[error(
        "{} has a log beside it: it is in use, or was copied while it was; take a backup of it, and restore that",
        .0.display()
    )]
    Unfinished(PathBuf),
    /// A server or another command has the database open.
    #[error("{} is in use: stop the server first", .0.display())]
    InUse(PathBuf),
    /// The database and its backup are the same file.
    #[error("{} is the database itself", .0.display())]
    Itself(PathBuf),
    /// The caller has stopped it.
    #[error("interrupted")]
    Interrupted,
    /// Reading or writing failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Any other error of SQLite.
    #[error("{}: {source}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// SQLite's error.
        source: rusqlite::Error,
    },
}

impl BackupError {
    /// For `map_err` where a file is read or written.
    fn io(path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::AlreadyExists => Self::Exists(path.to_owned()),
            _ => Self::Io { path: path.to_owned(), source },
        }
    }

    /// For `map_err` where the database at `path` is read or written.
    fn sqlite(path: &Path) -> impl Fn(rusqlite::Error) -> Self {
        move |source| {
            let path = path.to_owned();
            match source.sqlite_error_code() {
                Some(ErrorCode::NotADatabase) => Self::NotADatabase(path),
                Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { path, found: source.to_string() },
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse(path),
                Some(ErrorCode::OperationInterrupted) => Self::Interrupted,
                _ => Self::Sqlite { path, source },
            }
        }
    }
}

/// Opens an existing database.
fn open(path: &Path, busy_timeout: Duration) -> Result<Connection, BackupError> {
    let failed = BackupError::sqlite(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // `./` keeps SQLite from treating the name as a URI.
    let connection = Connection::open_with_flags(Path::new(".").join(path), flags).map_err(&failed)?;
    connection.busy_timeout(busy_timeout).map_err(&failed)?;
    // Functions in the schema of a foreign file must not be run.
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON").map_err(&failed)?;
    Ok(connection)
}

/// Fails where there is no file at `path`.
fn require_file(path: &Path) -> Result<(), BackupError> {
    match path.metadata() {
        Ok(data) if data.is_file() => Ok(()),
        Ok(_) => Err(BackupError::NoFile(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(BackupError::Missing(path.to_owned())),
        Err(error) => Err(BackupError::io(path)(error)),
    }
}
