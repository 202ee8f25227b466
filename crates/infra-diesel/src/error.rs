//! Why work on a database failed, and what that means to a use case.

use crate::{metrics::Refusal, migration::SchemaState};
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as QueryError};
use fasttrack_domain::{
    field::Invalid,
    ports::{RepositoryError, constraint},
};
use std::sync::Arc;

/// Why a unit of work failed. Becomes a [`RepositoryError`] at the port.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A statement failed.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The commit that the unit was part of failed, and everything in it was undone.
    #[error("the commit failed: {0}")]
    Commit(Arc<QueryError>),
    /// The change breaks a rule that no single row can state.
    #[error("conflict with `{0}`")]
    Conflict(&'static str),
    /// A row says what no entity can.
    #[error("row {id} of `{table}` can't be read: {reason}")]
    Corrupt {
        /// Where it is.
        table: &'static str,
        /// Its primary key.
        id: i64,
        /// What is wrong with it.
        reason: Invalid,
    },
    /// A value can't be written down as JSON, or read again.
    #[error("a value can't be kept as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// As much work waits as may.
    #[error("too much work is waiting")]
    QueueFull,
    /// The database was closed.
    #[error("the database is closed")]
    Closed,
    /// No connection could be had.
    #[error("no connection to the database: {0}")]
    Connection(Box<dyn std::error::Error + Send + Sync>),
    /// A database in memory has one connection, and it's taken.
    #[error("a database in memory has no second connection")]
    InMemory,
    /// The schema isn't the one that this program was built for.
    #[error("the schema of the database is {0}")]
    Schema(SchemaState),
    /// A migration failed.
    #[error("a migration failed: {0}")]
    Migration(Box<dyn std::error::Error + Send + Sync>),
    /// The unit of work panicked; nothing of it was kept.
    #[error("the work on the database panicked")]
    Panicked,
    /// The unit of work waited for something that isn't SQL.
    #[error("the work on the database waited for something else")]
    Waited,
}

impl Error {
    /// For `map_err` while the row `id` of `table` is read.
    pub(crate) fn corrupt(table: &'static str, id: i64) -> impl Fn(Invalid) -> Self {
        move |reason| Self::Corrupt { table, id, reason }
    }

    /// The statement's error, if it was one.
    fn query(&self) -> Option<&QueryError> {
        match self {
            Self::Query(error) => Some(error),
            Self::Commit(error) => Some(error),
            _ => None,
        }
    }

    fn violated(&self) -> Option<&'static str> {
        match (self, self.query()) {
            (Self::Conflict(constraint), _) => Some(constraint),
            (_, Some(QueryError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _))) => {
                Some(constraint::REFERENCE)
            }
            (_, Some(QueryError::DatabaseError(DatabaseErrorKind::UniqueViolation, info))) => unique(info.as_ref()),
            _ => None,
        }
    }

    /// Why the same work may succeed later; `None` where it won't.
    fn refusal(&self) -> Option<Refusal> {
        use DatabaseErrorKind::{ClosedConnection, SerializationFailure, UnableToSendCommand};
        match self.query() {
            Some(QueryError::DatabaseError(ClosedConnection | UnableToSendCommand, _)) => Some(Refusal::Connection),
            Some(QueryError::DatabaseError(SerializationFailure, _)) => Some(Refusal::Lock),
            // Neither SQLite's busy and locked nor PostgreSQL's timeouts and deadlocks have a kind of their own.
            Some(QueryError::DatabaseError(_, info)) => {
                let message = info.message();
                let is_passing = message.ends_with("is locked")
                    || message.starts_with("canceling statement due to ")
                    || message == "deadlock detected";
                is_passing.then_some(Refusal::Lock)
            }
            _ => match self {
                Self::QueueFull => Some(Refusal::QueueFull),
                Self::Closed | Self::Connection(_) => Some(Refusal::Connection),
                Self::Schema(_) => Some(Refusal::Schema),
                _ => None,
            },
        }
    }
}

/// The rules behind unique indexes: PostgreSQL names the index, SQLite its columns.
const UNIQUE: [(&str, &str); 2] =
    [(constraint::USER_EMAIL, "users.email"), (constraint::IDENTITY, "identities.issuer, identities.subject")];

fn unique(info: &(dyn DatabaseErrorInformation + Send + Sync)) -> Option<&'static str> {
    let columns = info.message().rsplit_once(": ").map(|(_, columns)| columns);
    let violated = |(name, on): &(&str, &str)| info.constraint_name() == Some(name) || columns == Some(on);
    UNIQUE.into_iter().find(violated).map(|(name, _)| name)
}

impl From<Error> for RepositoryError {
    fn from(error: Error) -> Self {
        match (error.violated(), error.refusal()) {
            (Some(constraint), _) => Self::Conflict { constraint },
            (None, Some(refusal)) => {
                refusal.count();
                Self::Unavailable(Box::new(error))
            }
            (None, None) => Self::Other(Box::new(error)),
        }
    }
}
