//! Where a database is, and why it can't be opened.

use crate::Error;
use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// Where a SQLite database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SqliteLocation {
    /// Nowhere but in this process, and gone with the last [`Database`](super::Database).
    Memory,
    /// In this file, and two beside it while it is open. Relative to the working directory.
    File(PathBuf),
}

/// Why a database can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite takes names in UTF-8 without U+0000.
    #[error("{0}: the name is not valid UTF-8, or has a NUL character in it")]
    Name(SqliteLocation),
    /// A new file needs a directory to be in.
    #[error("{database}: the directory {} does not exist", directory.display())]
    NoDirectory {
        /// Which database.
        database: String,
        /// Where it should be.
        directory: PathBuf,
    },
    /// There is something else of that name.
    #[error("{0}: is a directory")]
    IsDirectory(SqliteLocation),
    /// File or directory can't be written.
    #[error("{0}: file and directory must be writable")]
    NotWritable(SqliteLocation),
    /// The file is something else.
    #[error("{0}: is not a SQLite database")]
    NotADatabase(SqliteLocation),
    /// A newer program has changed the schema.
    #[error("{database}: was changed by a newer version of this program (migration {version} is unknown)")]
    Newer {
        /// Which database.
        database: String,
        /// What is unknown.
        version: String,
    },
    /// Another server has it.
    #[error("{database}: {process} serves it already; stop that server first, or give this one another database")]
    Served {
        /// Which database.
        database: String,
        /// Who serves it.
        process: String,
    },
    /// The thread that writes did not start.
    #[error("the thread that writes could not be started: {0}")]
    Thread(#[source] io::Error),
    /// Anything else that SQLite says.
    #[error("{database}: {source}")]
    Other {
        /// Which database.
        database: String,
        /// What was said.
        source: Error,
    },
}

impl SqliteLocation {
    /// The name for SQLite, in a form that it takes for nothing but a path.
    pub(super) fn url(&self) -> Result<String, OpenError> {
        match self {
            Self::Memory => Ok(":memory:".to_owned()),
            Self::File(path) => {
                let name = Path::new(".").join(path).into_os_string().into_string().ok();
                name.filter(|name| !name.contains('\0')).ok_or_else(|| OpenError::Name(self.clone()))
            }
        }
    }

    /// What SQLite's error means to whoever configured this location.
    pub(super) fn explain(&self, error: Error) -> OpenError {
        let message = error.to_string();
        match self {
            Self::File(path) => {
                let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
                if path.is_dir() {
                    OpenError::IsDirectory(self.clone())
                } else if let Some(missing) = directory.filter(|directory| !directory.is_dir()) {
                    OpenError::NoDirectory { database: self.to_string(), directory: missing.to_owned() }
                } else if message.ends_with("not a database") {
                    OpenError::NotADatabase(self.clone())
                } else if message.contains("readonly") || message.contains("unable to open") {
                    OpenError::NotWritable(self.clone())
                } else {
                    OpenError::Other { database: self.to_string(), source: error }
                }
            }
            Self::Memory => OpenError::Other { database: self.to_string(), source: error },
        }
    }
}

impl fmt::Display for SqliteLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("the database in memory"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}
