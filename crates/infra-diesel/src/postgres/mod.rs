//! PostgreSQL: a pool of connections, a transaction for each unit of work that writes.

mod activity;
mod bulk;
#[path = "../copy/transaction.rs"]
#[expect(clippy::duplicate_mod, reason = "as the repositories")]
pub(crate) mod copy_transaction;
mod dialect;
mod endpoint;
mod listener;
mod news;
mod options;
mod pool;
#[path = "../repositories/mod.rs"]
#[expect(clippy::duplicate_mod, reason = "one source for both databases; the parent module says which it is")]
pub mod repositories;
#[path = "../schema.rs"]
#[expect(clippy::duplicate_mod, reason = "as the repositories")]
mod schema;
mod tap;
mod tls;

pub use listener::Listener;
pub use options::Options;

use crate::{Error, SchemaState, hints::Hints, migration, space::Space};
use diesel::{dsl::sql, migration::CREATE_MIGRATIONS_TABLE, select, sql_types::Bool};
use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::MigrationHarness;
use fasttrack_domain::ports::RepositoryError;
use pool::{Borrowed, Pool};
use repositories::{address_forms, schema_state};
use std::{future::Future, time::Duration};
use tokio::{task::spawn_blocking, time::timeout};

/// A connection as repositories see it.
pub type Connection = AsyncPgConnection;

/// How a timestamp is stored.
type Moment = diesel::sql_types::Timestamptz;

/// For work that may take long.
const NO_TIMEOUTS: &str =
    "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0";

/// A pool of connections to one database. Clones share it.
#[derive(Clone)]
pub struct Database {
    pool: Pool,
    patience: Duration,
    hints: Hints,
    space: Space,
}

/// [`AsyncFnOnce`] whose future can go from thread to thread, which that trait has no way to say.
pub trait Work<C, R>: FnOnce(C) -> Self::Future {
    /// What it answers with.
    type Future: Future<Output = R> + Send;
}

impl<F, C, R, Future> Work<C, R> for F
where
    F: FnOnce(C) -> Future,
    Future: std::future::Future<Output = R> + Send,
{
    type Future = Future;
}

impl Database {
    /// The database at `url`, over at most `size` connections. See [`Options`].
    pub fn open(url: &str, size: usize) -> Result<Self, Error> {
        Self::with_options(&Options { pool_size: size, ..Options::new(url) })
    }

    /// The first connection is made when it is needed. The database may come and go: work that finds it gone fails as
    /// unavailable, and the next tries anew.
    pub fn with_options(options: &Options) -> Result<Self, Error> {
        // The server gives up first, if it still works.
        let patience = options.statement_timeout + options.acquire_timeout;
        Ok(Self { pool: Pool::new(options)?, patience, hints: Hints::default(), space: Space::default() })
    }

    /// Runs `work` on a connection; once more on another one where the first turns out to be lost. One query sees one
    /// moment; two may see two.
    #[tracing::instrument(name = "postgresql read", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn read<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: for<'c> AsyncFnOnce(&'c mut Connection) -> Result<T, Error> + Clone + Send + 'static,
        F: for<'c> Work<&'c mut Connection, Result<T, Error>>,
    {
        match self.attempt(work.clone()).await {
            Err((_, true)) => self.attempt(work).await,
            result => result,
        }
        .map_err(|(error, _)| self.refused(error))
    }

    /// The second value of an error says whether the same work may do better on another connection.
    async fn attempt<T, F>(&self, work: F) -> Result<T, (Error, bool)>
    where
        T: Send,
        F: for<'c> Work<&'c mut Connection, Result<T, Error>> + Send,
    {
        let mut connection = self.pool.get().await.map_err(|error| (error, false))?;
        let Ok(result) = timeout(self.patience, work(connection.connection())).await else {
            return Err((silent(connection), false));
        };
        connection.done();
        match result {
            Ok(value) => Ok(value),
            Err(error) => Err(connection.judge(error).await),
        }
    }

    /// Runs `work` as one transaction (READ COMMITTED): committed where it answers `Ok`, undone where it answers
    /// `Err` or panics. Where the server is lost meanwhile, either may be the case.
    #[tracing::instrument(name = "postgresql write", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn write<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: for<'c> AsyncFnOnce(&'c mut Connection) -> Result<T, Error> + Send + 'static,
        F: for<'c> Work<&'c mut Connection, Result<T, Error>>,
    {
        let mut connection = self.pool.get().await.map_err(|error| self.refused(error))?;
        let Ok(result) = timeout(self.patience, Connection::transaction(connection.connection(), work)).await else {
            return Err(silent(connection).into());
        };
        connection.done();
        match result {
            Ok(value) => Ok(value),
            Err(error) => Err(self.refused(connection.judge(error).await.0)),
        }
    }

    fn refused(&self, error: Error) -> RepositoryError {
        self.space.note(&error);
        error.into()
    }

    /// When a write failed for lack of space.
    pub(crate) fn space(&self) -> &Space {
        &self.space
    }

    /// The same database for work that is done before a rate limit has counted its request: with a part of the connections
    /// and of the places to wait, so that the rest is there for requests that were counted.
    #[must_use]
    pub fn uncounted(&self) -> Self {
        Self { pool: self.pool.uncounted(), ..self.clone() }
    }

    /// Applies what is pending and names it. Of any number of nodes that do so at once, one goes first.
    pub async fn migrate(&self) -> Result<Vec<String>, Error> {
        let mut connection = self.unpooled().await?;
        // Goes with the connection, whatever happens.
        dialect::lock_schema(&mut connection).await?;
        // Of two that do this at once, one would fail, whatever it says of what exists.
        connection.batch_execute(CREATE_MIGRATIONS_TABLE).await?;
        let pending = match schema_state(&mut connection).await? {
            SchemaState::UpToDate => return Ok(Vec::new()),
            SchemaState::Behind(names) => names,
            newer @ SchemaState::Newer(_) => return Err(Error::Schema(newer)),
        };
        let mut harness = AsyncMigrationHarness::new(connection);
        if let Some((before, after)) = address_forms::split(&pending) {
            let mut other = self.unpooled().await?;
            if has_users(&mut other).await? {
                // Before anything is changed.
                address_forms::outdated(&mut other).await?;
            }
            harness = apply(harness, before.to_vec()).await?;
            Connection::transaction(&mut other, async |conn| address_forms::convert(conn).await).await?;
            apply(harness, after.to_vec()).await?;
        } else {
            apply(harness, pending.clone()).await?;
        }
        Ok(pending)
    }

    /// Hears what any node dispatches, this one included, on a connection beside those of the pool.
    pub fn listen(&self) -> Listener {
        Listener::new(self.pool.clone())
    }

    /// Shows how the pool is used right now, to whoever records the crate `metrics`.
    pub fn observe(&self) {
        self.pool.observe();
    }

    /// Of what was written through this database and its clones.
    pub(crate) fn hints(&self) -> &Hints {
        &self.hints
    }

    /// A connection that doesn't go back to the pool, for work that may take long.
    pub(crate) async fn unpooled(&self) -> Result<Connection, Error> {
        let mut connection = self.pool.get().await?.take();
        connection.batch_execute(NO_TIMEOUTS).await?;
        Ok(connection)
    }

    /// What stands between the schema and this program.
    pub async fn schema_state(&self) -> Result<SchemaState, Error> {
        let mut borrowed = self.pool.get().await?;
        let connection = borrowed.connection();
        let migrated = sql::<Bool>("to_regclass('__diesel_schema_migrations') IS NOT NULL");
        let state = if select(migrated).get_result(connection).await? {
            schema_state(connection).await?
        } else {
            migration::compare(&dialect::migrations(), &[])
        };
        borrowed.done();
        Ok(state)
    }
}

/// Applies the migrations of these names, each in a transaction of its own.
async fn apply(
    mut harness: AsyncMigrationHarness<Connection>,
    names: Vec<String>,
) -> Result<AsyncMigrationHarness<Connection>, Error> {
    let applied = spawn_blocking(move || {
        for migration in dialect::migrations().iter().filter(|m| names.contains(&m.name().to_string())) {
            harness.run_migration(migration)?;
        }
        Ok(harness)
    });
    applied.await.map_err(|panicked| Error::Migration(panicked.into()))?.map_err(Error::Migration)
}

/// Whether there may be accounts.
async fn has_users(connection: &mut Connection) -> Result<bool, Error> {
    Ok(select(sql::<Bool>("to_regclass('users') IS NOT NULL")).get_result(connection).await?)
}

/// Gives up a connection on which nothing comes back.
fn silent(connection: Borrowed<'_>) -> Error {
    drop(connection.take());
    Error::Connection("no answer within the time allowed".into())
}
