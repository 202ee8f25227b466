//! A copy of a database file while it is written to, and the way back.
//!
//! SQLite copies its pages itself (<https://sqlite.org/backup.html>), which Diesel doesn't offer: this module speaks to
//! it through rusqlite, on the same library.

mod check;
mod draft;
mod make;
mod restore;
mod schema;
#[cfg(test)]
mod tests;

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

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many of so many bytes are copied.
    Copying {
        /// Until now.
        done: u64,
        /// In all.
        total: u64,
    },
    /// The copy is read, and its structure compared with what it should be.
    Checking,
}

/// Whoever waits for a backup or a restoration.
pub struct Watch {
    /// Is told how far it has come, several times a second.
    pub report: Box<dyn FnMut(Progress) + Send>,
    /// Set: give up as soon as possible, and leave nothing behind.
    pub stop: Arc<AtomicBool>,
}

impl Watch {
    /// Reports, and ends where the work is no longer wanted.
    fn tell(&mut self, progress: Progress) -> Result<(), BackupError> {
        (self.report)(progress);
        if self.stop.load(Ordering::Relaxed) { Err(BackupError::Interrupted) } else { Ok(()) }
    }

    /// Statements of this connection end when the work is no longer wanted.
    fn interrupts(&self, connection: &Connection) -> rusqlite::Result<()> {
        const OPERATIONS: i32 = 100_000;
        let stop = Arc::clone(&self.stop);
        connection.progress_handler(OPERATIONS, Some(move || stop.load(Ordering::Relaxed)))
    }
}

/// Why there is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is no such file.
    #[error("{} does not exist", .0.display())]
    Missing(PathBuf),
    /// It's a directory, say.
    #[error("{} is no file", .0.display())]
    NoFile(PathBuf),
    /// Nothing is overwritten.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// A file needs a directory to be in.
    #[error("the directory {} does not exist", .0.display())]
    NoDirectory(PathBuf),
    /// The file is something else.
    #[error("{} is not a SQLite database", .0.display())]
    NotADatabase(PathBuf),
    /// The file is of another program.
    #[error("{} is a SQLite database, but none of this program", .0.display())]
    Foreign(PathBuf),
    /// A newer program wrote it.
    #[error("the schema of {} is {state}", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        state: SchemaState,
    },
    /// Something is in the schema that our migrations don't make, or is missing.
    #[error(
        "the schema of {} is not exactly that of this program: {differences}; what was added on purpose has to be dropped \
         from a copy before that is restored",
        path.display()
    )]
    Differs {
        /// The file.
        path: PathBuf,
        /// What it is about.
        differences: String,
    },
    /// The schema that there should be can't be made in memory.
    #[error("the schema can't be compared: {source}")]
    Expected {
        /// Why.
        source: crate::Error,
    },
    /// Pages are missing, or contradict each other.
    #[error("{} is damaged: {found}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The first fault.
        found: String,
    },
    /// What is in the log beside a file is part of the database.
    #[error(
        "{} has a log beside it: it is in use, or was copied while it was; take a backup of it, and restore that",
        .0.display()
    )]
    Unfinished(PathBuf),
    /// A server has the database open, or another command.
    #[error("{} is in use: stop the server first", .0.display())]
    InUse(PathBuf),
    /// The database and its backup are the same file.
    #[error("{} is the database itself", .0.display())]
    Itself(PathBuf),
    /// It's no longer wanted.
    #[error("interrupted")]
    Interrupted,
    /// The system refused to read or write.
    #[error("{}: {source}", path.display())]
    Io {
        /// What it was about.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Anything else that SQLite says.
    #[error("{}: {source}", path.display())]
    Sqlite {
        /// What it was about.
        path: PathBuf,
        /// What was said.
        source: rusqlite::Error,
    },
}

impl BackupError {
    /// For `map_err`, where a file was worked on.
    fn io(path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::AlreadyExists => Self::Exists(path.to_owned()),
            _ => Self::Io { path: path.to_owned(), source },
        }
    }

    /// For `map_err`, where the database at `path` was worked on.
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

/// Opens a database that is there already.
fn open(path: &Path, patience: Duration) -> Result<Connection, BackupError> {
    let failed = BackupError::sqlite(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // A name of this form is taken for nothing but a path.
    let connection = Connection::open_with_flags(Path::new(".").join(path), flags).map_err(&failed)?;
    connection.busy_timeout(patience).map_err(&failed)?;
    // Nothing that a file brings along is run.
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON").map_err(&failed)?;
    Ok(connection)
}

/// That there is a file.
fn require_file(path: &Path) -> Result<(), BackupError> {
    match path.metadata() {
        Ok(data) if data.is_file() => Ok(()),
        Ok(_) => Err(BackupError::NoFile(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(BackupError::Missing(path.to_owned())),
        Err(error) => Err(BackupError::io(path)(error)),
    }
}
