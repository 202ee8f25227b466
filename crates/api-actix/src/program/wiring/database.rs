//! The database that the settings name, and copying one into another.

use crate::program::{
    settings::{DATABASE_FILE, Settings},
    start::{StartError, ensure_data_dir},
};
use fasttrack_domain::ports::{Repositories, notification_bus::NotificationListener};
use fasttrack_infra_diesel::{
    DatabaseUrl, SchemaState,
    copy::{self, Endpoint},
    postgres,
    sqlite::{self, OpenError, ServerLock, SqliteLocation},
};
pub use fasttrack_infra_diesel::{
    InvalidDatabaseUrl,
    copy::{Content, Progress, Table},
};
use std::{error::Error, time::Duration};

/// The database that the settings name.
pub enum Database {
    /// A file, or a database in memory, that one node serves.
    Sqlite(sqlite::Database),
    /// A server that any number of nodes share.
    Postgres(postgres::Database),
}

impl Database {
    /// Opens the database, whatever the version of its schema.
    pub fn open(settings: &Settings) -> Result<Self, StartError> {
        if settings.database.url.is_none() {
            ensure_data_dir(&settings.server.data_dir)?;
        }
        Self::at(&url(settings), "DATABASE_URL", settings)
    }

    /// Opens the database at `url`. `name` is the setting or flag that errors name.
    fn at(url: &DatabaseUrl, name: &str, settings: &Settings) -> Result<Self, StartError> {
        match url {
            DatabaseUrl::Sqlite(location) => {
                sqlite::Database::open(location).map(Self::Sqlite).map_err(|error| StartError::failed(name, &error))
            }
            DatabaseUrl::Postgres(url) => postgres::Database::open(url, settings.database.pool_size)
                .map(Self::Postgres)
                .map_err(|error| StartError::failed(name, &error)),
        }
    }

    /// Opens the database with the current schema, migrated where the settings allow it.
    pub async fn open_current(settings: &Settings) -> Result<Self, StartError> {
        let database = Self::open(settings)?;
        match database.schema_state().await.map_err(unusable)? {
            SchemaState::UpToDate => {}
            SchemaState::Behind(_) if settings.database.auto_migrate => {
                let applied = database.migrate().await?;
                tracing::info!(migrations = applied.join(", "), "the database's schema was brought up to date");
            }
            SchemaState::Behind(names) => {
                let names = names.join(", ");
                return Err(StartError::Failed(format!(
                    "AUTO_MIGRATE: is false, and the database needs {names}; run `fasttrack migrate` or set AUTO_MIGRATE=true"
                )));
            }
            newer @ SchemaState::Newer(_) => {
                return Err(StartError::Failed(format!(
                    "DATABASE_URL: the schema of the database is {newer}; run that program, or restore a copy from before"
                )));
            }
        }
        Ok(database)
    }

    /// Applies pending migrations, and returns their names.
    pub async fn migrate(&self) -> Result<Vec<String>, StartError> {
        match self {
            Self::Sqlite(database) => database.migrate().await,
            Self::Postgres(database) => database.migrate().await,
        }
        .map_err(unusable)
    }

    /// Returns a listener to other nodes' hints; `None` on SQLite, which serves one node.
    pub fn listen(&self) -> Option<Box<dyn NotificationListener>> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(database) => Some(Box::new(database.listen())),
        }
    }

    /// Returns the connection pool of PostgreSQL; `None` on SQLite.
    pub(super) fn pool(&self) -> Option<postgres::Database> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(database) => Some(database.clone()),
        }
    }

    async fn schema_state(&self) -> Result<SchemaState, fasttrack_infra_diesel::Error> {
        match self {
            Self::Sqlite(database) => database.schema_state().await,
            Self::Postgres(database) => database.schema_state().await,
        }
    }

    pub(super) fn repositories(&self) -> Repositories {
        match self {
            Self::Sqlite(database) => database.repositories(),
            Self::Postgres(database) => database.repositories(),
        }
    }
}

impl Database {
    /// Repositories for work that is done before a rate limit has counted its request. They use a part of a server's
    /// connections only.
    pub(super) fn uncounted(&self) -> Repositories {
        match self {
            Self::Sqlite(database) => database.repositories(),
            Self::Postgres(database) => database.uncounted().repositories(),
        }
    }
}

pub(super) fn url(settings: &Settings) -> DatabaseUrl {
    let default = || DatabaseUrl::Sqlite(SqliteLocation::File(settings.server.data_dir.join(DATABASE_FILE)));
    settings.database.url.clone().unwrap_or_else(default)
}

pub(super) fn unusable(error: impl Error) -> StartError {
    StartError::failed("DATABASE_URL", &error)
}

/// Attempts to take the lock, and the pause between them: a process that checks for a server holds it for a moment.
const LOCK_ATTEMPTS: u32 = 10;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// Locks the database file for this server, until the lock is dropped. `None` on PostgreSQL and for a database in memory.
pub async fn lock_database(settings: &Settings) -> Result<Option<ServerLock>, StartError> {
    let DatabaseUrl::Sqlite(location) = url(settings) else { return Ok(None) };
    if settings.database.url.is_none() {
        ensure_data_dir(&settings.server.data_dir)?;
    }
    for _ in 1..LOCK_ATTEMPTS {
        match ServerLock::take(&location) {
            Err(OpenError::Served { .. }) => tokio::time::sleep(LOCK_PAUSE).await,
            taken => return taken.map_err(unusable),
        }
    }
    ServerLock::take(&location).map_err(unusable)
}

/// The process that has the database open, as far as that can be found out: data may change while it is copied.
pub async fn served_by(database: &DatabaseUrl) -> Option<String> {
    match database {
        DatabaseUrl::Sqlite(SqliteLocation::File(path)) => sqlite::served_by(path),
        DatabaseUrl::Sqlite(SqliteLocation::Memory) => None,
        DatabaseUrl::Postgres(url) => {
            let database = postgres::Database::open(url, 1).ok()?;
            // Where this fails, the copy fails with the reason.
            database.is_open_elsewhere().await.ok()?.then(|| "another process".to_owned())
        }
    }
}

/// Copies all data of one database into another.
pub async fn copy(
    from: &DatabaseUrl,
    to: &DatabaseUrl,
    settings: &Settings,
    report: impl FnMut(Progress) + Send,
) -> Result<Vec<(Table, Content)>, StartError> {
    if let DatabaseUrl::Sqlite(SqliteLocation::File(path)) = from
        && !path.exists()
    {
        return Err(StartError::Failed(format!("--from: {} does not exist", path.display())));
    }
    let end = |database| match database {
        Database::Sqlite(database) => Endpoint::Sqlite(database),
        Database::Postgres(database) => Endpoint::Postgres(database),
    };
    let from = end(Database::at(from, "--from", settings)?);
    let to = end(Database::at(to, "--to", settings)?);
    copy::copy(&from, &to, report).await.map_err(|error| StartError::failed("nothing was copied", &error))
}
