//! Where a database is, and the errors of opening it.

use crate::Error;
use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// Where a SQLite database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SqliteLocation {
    /// In memory, until the last [`Database`](super::Database) is dropped.
    Memory,
    /// In this file, whose path is relative to the working directory. While it is open there are two files beside it.
    File(PathBuf),
}

/// Why a database can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The name is not UTF-8, or contains U+0000.
    #[error("{0}: the name is not valid UTF-8, or has a NUL character in it")]
    Name(SqliteLocation),
    /// The directory does not exist.
    #[error("{database}: the directory {} does not exist", directory.display())]
    NoDirectory {
        database: String,
        /// The directory.
        directory: PathBuf,
    },
    /// The path is a directory.
    #[error("{0}: is a directory")]
    IsDirectory(SqliteLocation),
    /// The file or its directory can't be written.
    #[error("{0}: file and directory must be writable")]
    NotWritable(SqliteLocation),
    /// The file is not a SQLite database.
    #[error("{0}: is not a SQLite database")]
    NotADatabase(SqliteLocation),
    /// A newer program has changed the schema.
    #[error("{database}: was changed by a newer version of this program (migration {version} is unknown)")]
    Newer {
        database: String,
        /// The version of the unknown migration.
        version: String,
    },
    /// Another server uses the database.
    #[error("{database}: {process} serves it already; stop that server first, or give this one another database")]
    Served {
        database: String,
        /// The process of that server.
        process: String,
    },
    /// The writer thread could not be started.
    #[error("the writer thread could not be started: {0}")]
    Thread(#[source] io::Error),
    /// Any other error of SQLite.
    #[error("{database}: {source}")]
    Other {
        database: String,
        /// SQLite's error.
        source: Error,
    },
}

impl SqliteLocation {
    /// The name for SQLite. A path gets `./` in front, as SQLite doesn't treat every name as a path: not a URI, say.
    pub(super) fn url(&self) -> Result<String, OpenError> {
        match self {
            Self::Memory => Ok(":memory:".to_owned()),
            Self::File(path) => {
                let name = Path::new(".").join(path).into_os_string().into_string().ok();
                name.filter(|name| !name.contains('\0')).ok_or_else(|| OpenError::Name(self.clone()))
            }
        }
    }

    /// The reason for SQLite's error, found by looking at the path.
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
