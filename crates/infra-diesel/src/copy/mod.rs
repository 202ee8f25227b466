//! Copies all data of one database to another, between any two of SQLite and PostgreSQL.
//!
//! Ids stay, and so do the sequences behind them: no id is used again, not even one whose row was deleted. The source is
//! read as it is at one moment. The target is written in one transaction.

mod checksum;

pub use checksum::Checksum;

use crate::{Error, SchemaState, postgres, sqlite, tables::tables};
use async_trait::async_trait;

/// How many rows are read before they are written.
pub(crate) const BATCH: i64 = 1000;

/// A database to copy from or to.
#[derive(Clone)]
pub enum Endpoint {
    /// In a file: a database in memory has no second connection.
    Sqlite(sqlite::Database),
    /// On a server.
    Postgres(postgres::Database),
}

macro_rules! table {
    ($($variant:ident = $table:ident ($($key:ident),+) $columns:tt)+) => {
        /// A table that is copied. Those that others refer to come before them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the tables of the schema")]
        pub enum Table {
            $($variant,)+
        }

        impl Table {
            /// Every table, in the order in which they are copied.
            pub const ALL: [Self; [$(stringify!($table)),+].len()] = [$(Self::$variant),+];

            /// Its name in the schema.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($table),)+
                }
            }

            const fn primary_key(self) -> &'static [&'static str] {
                match self {
                    $(Self::$variant => &[$(stringify!($key)),+],)+
                }
            }
        }
    };
}

tables!(table);

impl Table {
    /// Whether the database numbers its rows: those of a table whose primary key is `id`.
    pub(crate) fn is_numbered(self) -> bool {
        self.primary_key() == ["id"]
    }
}

/// How far a copy has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The table that is being read.
    pub table: Table,
    /// Whether its copy in the target is being read, for comparison.
    pub checking: bool,
    /// Rows read so far, in source and target together.
    pub done: u64,
    /// Rows to read in all: each once in the source and once in the target.
    pub total: u64,
}

/// What a table contains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The number of rows.
    pub rows: u64,
    /// The checksum of all rows.
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
    /// The source has another schema than this program's.
    #[error("the schema of the source is {0}")]
    Schema(SchemaState),
    /// The target has rows in these tables.
    #[error("the target isn't empty: it has rows in {0}")]
    NotEmpty(String),
    /// The target returned other rows than were written to it.
    #[error(
        "{} differ: {} rows with checksum {} were read, {} rows with checksum {} were written",
        table.name(), read.rows, read.checksum, written.rows, written.checksum
    )]
    Differs {
        /// The table that differs.
        table: Table,
        /// The table in the source.
        read: Content,
        /// Its copy in the target, which was undone.
        written: Content,
    },
}

/// A transaction on the source or on the target of a copy.
#[async_trait]
pub(crate) trait CopyTransaction: Send {
    async fn schema_state(&mut self) -> Result<SchemaState, Error>;

    async fn count(&mut self, table: Table) -> Result<u64, Error>;

    /// Up to [`BATCH`] rows behind `last` in the order of their key. `last` is the last row of the batch before.
    async fn read(&mut self, table: Table, last: Option<&str>) -> Result<Vec<String>, Error>;

    /// Deletes the rows that triggers inserted together with those of tables before.
    async fn clear(&mut self, table: Table) -> Result<(), Error>;

    async fn write(&mut self, table: Table, rows: &[String]) -> Result<(), Error>;

    /// The highest id that any row of the table ever had, or a higher one.
    async fn last_id(&mut self, table: Table) -> Result<i64, Error>;

    /// Makes later rows get ids above `last`.
    async fn continue_ids(&mut self, table: Table, last: i64) -> Result<(), Error>;

    async fn commit(self: Box<Self>) -> Result<(), Error>;
}

// @spec SPEC-008
/// Copies everything in `from` to `to`, which is migrated first and must be empty. Returns what each table contains.
///
/// Before the copy is committed it is read again and compared with what was read from the source.
pub async fn copy(
    from: &Endpoint,
    to: &Endpoint,
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
        target.clear(table).await.map_err(CopyError::Target)?;
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

impl Endpoint {
    async fn source(&self) -> Result<Box<dyn CopyTransaction>, Error> {
        Ok(match self {
            Self::Sqlite(database) => {
                Box::new(sqlite::copy_transaction::Transaction::source(database.another_reader()?).await?)
            }
            Self::Postgres(database) => {
                Box::new(postgres::copy_transaction::Transaction::source(database.unpooled().await?).await?)
            }
        })
    }

    async fn target(&self) -> Result<Box<dyn CopyTransaction>, Error> {
        Ok(match self {
            Self::Sqlite(database) => {
                database.migrate().await?;
                Box::new(sqlite::copy_transaction::Transaction::target(database.another_writer()?).await?)
            }
            Self::Postgres(database) => {
                database.migrate().await?;
                Box::new(postgres::copy_transaction::Transaction::target(database.unpooled().await?).await?)
            }
        })
    }
}
