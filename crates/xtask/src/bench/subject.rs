//! What is measured.

use serde::{Deserialize, Serialize};

/// A server on a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Subject {
    /// No server, but this machine.
    Machine,
    Floor,
    ProductSqlite,
    PeerSqlite,
    ProductPostgres,
    PeerPostgres,
    /// The product with more tasks.
    LargeSqlite,
    LargePostgres,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

impl Subject {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Machine => "this machine",
            Self::Floor => "bare actix",
            Self::ProductSqlite => "fasttrack, SQLite",
            Self::PeerSqlite => "axum + sqlx, SQLite",
            Self::ProductPostgres => "fasttrack, PostgreSQL",
            Self::PeerPostgres => "axum + sqlx, PostgreSQL",
            Self::LargeSqlite => "fasttrack, larger SQLite",
            Self::LargePostgres => "fasttrack, larger PostgreSQL",
        }
    }
}

impl Database {
    pub(super) const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|database| database.word() == word)
    }

    /// As the names of files and of executables of tests have it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    pub(super) fn product(self) -> Subject {
        match self {
            Self::Sqlite => Subject::ProductSqlite,
            Self::Postgres => Subject::ProductPostgres,
        }
    }

    pub(super) fn peer(self) -> Subject {
        match self {
            Self::Sqlite => Subject::PeerSqlite,
            Self::Postgres => Subject::PeerPostgres,
        }
    }

    pub(super) fn large(self) -> Subject {
        match self {
            Self::Sqlite => Subject::LargeSqlite,
            Self::Postgres => Subject::LargePostgres,
        }
    }
}
