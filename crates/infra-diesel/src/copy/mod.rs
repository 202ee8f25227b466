//! All data of one database into another, whichever each is.
//!
//! Ids stay, and so do the counters behind them: no id is given out again, not even one whose row is gone. What was
//! read is one moment of the source. The target gets all of it in one transaction, or nothing.

mod checksum;

pub use checksum::Checksum;

use crate::{Error, SchemaState, postgres, sqlite};
use async_trait::async_trait;

/// Rows that are on their way at once.
pub(crate) const BATCH: i64 = 1000;

/// A database to copy from or to.
#[derive(Clone)]
pub enum End {
    /// In a file: there is no second connection to one in memory.
    Sqlite(sqlite::Database),
    /// On a server.
    Postgres(postgres::Database),
}

/// What is copied, those before that others refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the tables of the schema")]
pub enum Table {
    Users,
    Projects,
    Tasks,
    Comments,
    Sessions,
    RefreshTokens,
    Revocations,
    Events,
    IdempotencyRecords,
    ProjectStatistics,
    NotificationHeads,
    Notifications,
    Jobs,
    Tickets,
    PasswordResets,
    EmailVerifications,
    Identities,
    Inboxes,
    LoginAttempts,
    SentNotices,
    HeldNotices,
    Audit,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 22] = [
        Self::Users,
        Self::Projects,
        Self::Tasks,
        Self::Comments,
        Self::Sessions,
        Self::RefreshTokens,
        Self::Revocations,
        Self::Events,
        Self::IdempotencyRecords,
        Self::ProjectStatistics,
        Self::NotificationHeads,
        Self::Notifications,
        Self::Jobs,
        Self::Tickets,
        Self::PasswordResets,
        Self::EmailVerifications,
        Self::Identities,
        Self::Inboxes,
        Self::LoginAttempts,
        Self::SentNotices,
        Self::HeldNotices,
        Self::Audit,
    ];

    /// Its name in the schema.
    pub fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Projects => "projects",
            Self::Tasks => "tasks",
            Self::Comments => "comments",
            Self::Sessions => "sessions",
            Self::RefreshTokens => "refresh_tokens",
            Self::Revocations => "revocations",
            Self::Events => "events",
            Self::IdempotencyRecords => "idempotency_records",
            Self::ProjectStatistics => "project_statistics",
            Self::NotificationHeads => "notification_heads",
            Self::Notifications => "notifications",
            Self::Jobs => "jobs",
            Self::Tickets => "tickets",
            Self::PasswordResets => "password_resets",
            Self::EmailVerifications => "email_verifications",
            Self::Identities => "identities",
            Self::Inboxes => "inboxes",
            Self::LoginAttempts => "login_attempts",
            Self::SentNotices => "sent_notices",
            Self::HeldNotices => "held_notices",
            Self::Audit => "audit",
        }
    }

    /// Whether the database counts its rows' ids.
    pub(crate) fn is_numbered(self) -> bool {
        match self {
            Self::Users
            | Self::Projects
            | Self::Tasks
            | Self::Comments
            | Self::Sessions
            | Self::Revocations
            | Self::Events
            | Self::Jobs
            | Self::LoginAttempts
            | Self::HeldNotices
            | Self::Audit => true,
            Self::RefreshTokens
            | Self::IdempotencyRecords
            | Self::ProjectStatistics
            | Self::NotificationHeads
            | Self::Notifications
            | Self::Tickets
            | Self::PasswordResets
            | Self::EmailVerifications
            | Self::Identities
            | Self::Inboxes
            | Self::SentNotices => false,
        }
    }
}

/// How far a copy has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// What is being read.
    pub table: Table,
    /// Whether its copy is being read, to compare it.
    pub checking: bool,
    /// Rows that were read until now, of source and target together.
    pub done: u64,
    /// Rows that there are to read: each once in the source, once in the target.
    pub total: u64,
}

/// What a table contains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// How many rows.
    pub rows: u64,
    /// What they say.
    pub checksum: Checksum,
}

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Work on the source failed.
    #[error("the source can't be read: {0}")]
    Source(#[source] Error),
    /// Work on the target failed.
    #[error("the target can't be written: {0}")]
    Target(#[source] Error),
    /// Another version of this program keeps the source.
    #[error("the schema of the source is {0}")]
    Schema(SchemaState),
    /// The target has rows in these tables.
    #[error("the target isn't empty: it has rows in {0}")]
    NotEmpty(String),
    /// The target didn't keep what it was given.
    #[error(
        "{} differ: {} rows with checksum {} were read, {} rows with checksum {} were written",
        table.name(), read.rows, read.checksum, written.rows, written.checksum
    )]
    Differs {
        /// Where.
        table: Table,
        /// What the source has.
        read: Content,
        /// What the target would have had.
        written: Content,
    },
}

/// A connection with a transaction open.
#[async_trait]
pub(crate) trait Side: Send {
    async fn schema_state(&mut self) -> Result<SchemaState, Error>;

    async fn count(&mut self, table: Table) -> Result<u64, Error>;

    /// Up to [`BATCH`] rows behind `last` in the order of their key. `last` is the last row of the batch before.
    async fn read(&mut self, table: Table, last: Option<&str>) -> Result<Vec<String>, Error>;

    async fn write(&mut self, table: Table, rows: &[String]) -> Result<(), Error>;

    /// The highest id that was ever given out, or more.
    async fn last_id(&mut self, table: Table) -> Result<i64, Error>;

    /// Gives out only ids above `last` from now on.
    async fn continue_ids(&mut self, table: Table, last: i64) -> Result<(), Error>;

    async fn commit(self: Box<Self>) -> Result<(), Error>;
}

// @spec SPEC-008
/// Copies everything in `from` into `to`, which is brought to the schema of this program first and must be empty.
/// Answers, once the copy is committed, what each table contains.
///
/// The copy is read again and compared with what was read from the source before it's committed.
pub async fn copy(
    from: &End,
    to: &End,
    mut report: impl FnMut(Progress) + Send,
) -> Result<Vec<(Table, Content)>, CopyError> {
    let mut source = from.source().await.map_err(CopyError::Source)?;
    match source.schema_state().await.map_err(CopyError::Source)? {
        SchemaState::UpToDate => {}
        other => return Err(CopyError::Schema(other)),
    }
    let mut total = 0;
    for table in Table::ALL {
        total += 2 * source.count(table).await.map_err(CopyError::Source)?;
    }
    let mut target = to.target().await.map_err(CopyError::Target)?;
    let mut filled = Vec::new();
    for table in Table::ALL {
        if target.count(table).await.map_err(CopyError::Target)? > 0 {
            filled.push(table.name());
        }
    }
    if !filled.is_empty() {
        return Err(CopyError::NotEmpty(filled.join(", ")));
    }

    let mut done = 0;
    let mut contents = Vec::new();
    for table in Table::ALL {
        let mut content = Content::default();
        let mut rows = Vec::<String>::new();
        loop {
            rows = source.read(table, rows.last().map(String::as_str)).await.map_err(CopyError::Source)?;
            if rows.is_empty() {
                break;
            }
            target.write(table, &rows).await.map_err(CopyError::Target)?;
            content.add(&rows);
            done += rows.len() as u64;
            report(Progress { table, checking: false, done, total });
        }
        if table.is_numbered() {
            let last = source.last_id(table).await.map_err(CopyError::Source)?;
            target.continue_ids(table, last).await.map_err(CopyError::Target)?;
        }
        contents.push((table, content));
    }
    for &(table, expected) in &contents {
        let mut content = Content::default();
        let mut rows = Vec::<String>::new();
        loop {
            rows = target.read(table, rows.last().map(String::as_str)).await.map_err(CopyError::Target)?;
            if rows.is_empty() {
                break;
            }
            content.add(&rows);
            done += rows.len() as u64;
            report(Progress { table, checking: true, done, total });
        }
        if content != expected {
            return Err(CopyError::Differs { table, read: expected, written: content });
        }
    }
    target.commit().await.map_err(CopyError::Target)?;
    Ok(contents)
}

impl Content {
    fn add(&mut self, rows: &[String]) {
        self.rows += rows.len() as u64;
        for row in rows {
            self.checksum.add(row);
        }
    }
}

impl End {
    async fn source(&self) -> Result<Box<dyn Side>, Error> {
        Ok(match self {
            Self::Sqlite(database) => Box::new(sqlite::side::Open::source(database.another_reader()?).await?),
            Self::Postgres(database) => Box::new(postgres::side::Open::source(database.unpooled().await?).await?),
        })
    }

    async fn target(&self) -> Result<Box<dyn Side>, Error> {
        Ok(match self {
            Self::Sqlite(database) => {
                database.migrate().await?;
                Box::new(sqlite::side::Open::target(database.another_writer()?).await?)
            }
            Self::Postgres(database) => {
                database.migrate().await?;
                Box::new(postgres::side::Open::target(database.unpooled().await?).await?)
            }
        })
    }
}
