//! Why work on a database failed.

use crate::{metrics::Refusal, migration::SchemaState, sqlstate::SqlState};
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as QueryError};
use fasttrack_domain::{
    field::Invalid,
    ports::{RepositoryError, constraint},
};
use std::sync::Arc;

/// Why a unit of work failed. Converted to [`RepositoryError`] at the port.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A statement failed.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// PostgreSQL refused a statement.
    #[error("SQLSTATE {state}")]
    Server {
        /// The error code.
        state: SqlState,
        /// Diesel's error, with the text in the server's language.
        source: QueryError,
    },
    /// The commit that the unit was part of failed, and everything in it was undone.
    #[error("the commit failed")]
    Commit(#[source] Arc<QueryError>),
    /// The change breaks a rule that no single row can state.
    #[error("conflict with `{0}`")]
    Conflict(&'static str),
    /// A row can't be converted to an entity.
    #[error("row {id} of `{table}` can't be read: {reason}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// Its primary key.
        id: i64,
        /// Why it can't be converted.
        reason: Invalid,
    },
    /// A value can't be converted to JSON or back.
    #[error("a value can't be converted to JSON or back: {0}")]
    Json(#[from] serde_json::Error),
    /// The queue is full.
    #[error("too much work is waiting")]
    QueueFull,
    /// The database was closed.
    #[error("the database is closed")]
    Closed,
    /// There is no connection.
    #[error("no connection to the database: {0}")]
    Connection(Box<dyn std::error::Error + Send + Sync>),
    /// A database in memory has one connection only.
    #[error("a database in memory has no second connection")]
    InMemory,
    /// The schema isn't the one that this program needs.
    #[error("the schema of the database is {0}")]
    Schema(SchemaState),
    /// Several accounts have addresses that are the same by Unicode case folding.
    #[error(
        "the users {0} have addresses that are one by Unicode case folding; nothing was changed: give one of each pair \
         another address with the former program (PATCH /users/me) or by SQL, and start again"
    )]
    AddressClash(String),
    /// A migration failed.
    #[error("a migration failed: {0}")]
    Migration(Box<dyn std::error::Error + Send + Sync>),
    /// The unit of work panicked, and was rolled back.
    #[error("the work on the database panicked")]
    Panicked,
    /// The unit of work awaited something other than a statement.
    #[error("the work on the database waited for something else")]
    Waited,
}

impl Error {
    /// For `map_err` where the row `id` of `table` is converted.
    pub(crate) fn corrupt(table: &'static str, id: i64) -> impl Fn(Invalid) -> Self {
        move |reason| Self::Corrupt { table, id, reason }
    }

    /// Diesel's error, where the server or the connection may have caused it: some are of Diesel itself.
    pub(crate) fn into_server_error(self) -> Result<QueryError, Self> {
        match self {
            Self::Query(
                error
                @ (QueryError::NotFound | QueryError::DeserializationError(_) | QueryError::SerializationError(_)),
            ) => Err(Self::Query(error)),
            Self::Query(error) => Ok(error),
            error => Err(error),
        }
    }

    /// Diesel's error, if it is one.
    fn query(&self) -> Option<&QueryError> {
        match self {
            Self::Query(error) | Self::Server { source: error, .. } => Some(error),
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
        match self {
            Self::Server { state, .. } => state.meaning().refusal(),
            Self::Query(error) => refusal(error),
            Self::Commit(error) => refusal(error),
            Self::QueueFull => Some(Refusal::QueueFull),
            Self::Closed | Self::Connection(_) => Some(Refusal::Connection),
            Self::Schema(_) => Some(Refusal::Schema),
            _ => None,
        }
    }

    /// Whether the disk was full.
    pub(crate) fn is_out_of_space(&self) -> bool {
        self.refusal() == Some(Refusal::Disk)
    }
}

/// Why the same work may succeed later, of an error that has no SQLSTATE: of SQLite, or of a connection. `None` where it
/// won't.
pub(crate) fn refusal(error: &QueryError) -> Option<Refusal> {
    use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
    match error {
        QueryError::DatabaseError(ClosedConnection | UnableToSendCommand, _) => Some(Refusal::Connection),
        // Diesel has no kind for these results of SQLite. Their texts are constants of the library, which is built in.
        QueryError::DatabaseError(_, info) => match info.message() {
            // SQLITE_FULL, SQLITE_IOERR, SQLITE_READONLY, SQLITE_CANTOPEN.
            "database or disk is full"
            | "disk I/O error"
            | "attempt to write a readonly database"
            | "unable to open database file" => Some(Refusal::Disk),
            // SQLITE_BUSY, SQLITE_LOCKED.
            message => message.ends_with("is locked").then_some(Refusal::Lock),
        },
        _ => None,
    }
}

/// Constraints and their unique indexes: in an error PostgreSQL names the index, SQLite its columns or, where one is an
/// expression, the index.
const UNIQUE: [(&str, &str); 4] = [
    (constraint::USER_EMAIL, "users.email"),
    (constraint::IDENTITY, "identities.issuer, identities.subject"),
    (constraint::LABEL_NAME, "labels.project_id, labels.name_key"),
    (constraint::POSITION, "index 'tasks_project_id_position'"),
];

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
