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

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> DatabaseUrl {
        DatabaseUrl::Sqlite(SqliteLocation::File(PathBuf::from(path)))
    }

    #[test]
    fn every_documented_url_is_parsed() {
        assert_eq!("sqlite://data/fasttrack.db".parse(), Ok(file("data/fasttrack.db")));
        assert_eq!("sqlite:///var/lib/fasttrack.db".parse(), Ok(file("/var/lib/fasttrack.db")));
        assert_eq!("sqlite::memory:".parse(), Ok(DatabaseUrl::Sqlite(SqliteLocation::Memory)));
        for url in ["postgres://ann@localhost/fasttrack", "postgresql:///fasttrack?host=/run/postgresql"] {
            assert_eq!(url.parse(), Ok(DatabaseUrl::Postgres(url.to_owned())));
        }
    }

    #[test]
    fn other_url_is_refused_without_being_repeated() {
        for wrong in [
            "",
            "fasttrack.db",
            "sqlite:",
            "sqlite://",
            "sqlite:///data/",
            "sqlite://:memory:",
            "sqlite://a.db?mode=ro",
            "mysql://root:secret@localhost/x",
            "postgres://",
        ] {
            let error = wrong.parse::<DatabaseUrl>().unwrap_err();
            assert!(!error.to_string().contains("secret"), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_not_printed() {
        let url: DatabaseUrl = "postgres://ann:secret@localhost/fasttrack".parse().unwrap();
        assert_eq!(format!("{url:?}"), "Postgres(…)");
    }
}
