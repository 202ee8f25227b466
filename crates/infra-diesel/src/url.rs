//! The setting that names the database.

use crate::sqlite::SqliteLocation;
use std::{fmt, path::PathBuf, str::FromStr};

/// Which database to use, parsed from a URL.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite://relative/path`, `sqlite:///absolute/path` or `sqlite::memory:`. A path is neither decoded nor split at `?`:
    /// there are no parameters.
    Sqlite(SqliteLocation),
    /// `postgres://…` or `postgresql://…`; see [`Options::url`](crate::postgres::Options::url).
    Postgres(String),
}

/// The text is not the URL of a database. The message leaves the text out, as that may contain a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be `sqlite://relative/path`, `sqlite:///absolute/path`, `sqlite::memory:` (all without parameters) or \
     `postgres://user:password@host/database`"
)]
pub struct InvalidDatabaseUrl;

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(raw: &str) -> Result<Self, InvalidDatabaseUrl> {
        if raw == "sqlite::memory:" {
            return Ok(Self::Sqlite(SqliteLocation::Memory));
        }
        if let Some(path) = raw.strip_prefix("sqlite://") {
            let is_file = !path.is_empty() && !path.ends_with('/') && !path.contains(['?', '#', '\0']);
            let memory = path == ":memory:";
            return if is_file && !memory {
                Ok(Self::Sqlite(SqliteLocation::File(PathBuf::from(path))))
            } else {
                Err(InvalidDatabaseUrl)
            };
        }
        match raw.split_once("://") {
            Some(("postgres" | "postgresql", rest)) if !rest.is_empty() => Ok(Self::Postgres(raw.to_owned())),
            _ => Err(InvalidDatabaseUrl),
        }
    }
}

// @norm NORM-SEC-002
impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(location) => f.debug_tuple("Sqlite").field(location).finish(),
            Self::Postgres(_) => f.write_str("Postgres(…)"),
        }
    }
}
