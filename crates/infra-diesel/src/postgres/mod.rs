//! PostgreSQL: a pool of connections, a transaction for each unit of work that writes.

mod bulk;
mod dialect;
#[path = "../repositories/mod.rs"]
#[expect(clippy::duplicate_mod, reason = "one source for both databases; the parent module says which it is")]
pub mod repositories;
mod schema;
#[path = "../copy/side.rs"]
#[expect(clippy::duplicate_mod, reason = "as the repositories")]
pub(crate) mod side;

use crate::{Error, SchemaState};
use diesel::migration::CREATE_MIGRATIONS_TABLE;
use diesel_async::{
    AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
        deadpool::{Object, Pool},
    },
};
use diesel_migrations::MigrationHarness;
use fasttrack_domain::ports::RepositoryError;
use repositories::schema_state;
use std::{future::Future, time::Duration};
use tokio::task::spawn_blocking;

/// A connection as repositories see it.
pub type Connection = AsyncPgConnection;

/// How long work waits for a connection that is free, or for a new one.
const PATIENCE: Duration = Duration::from_secs(5);

/// A pool of connections to one database. Clones share it.
#[derive(Clone)]
pub struct Database {
    pool: Pool<Connection>,
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
    /// A pool of at most `size` connections to the database at `url`; the first is made when it is needed.
    pub fn open(url: &str, size: usize) -> Result<Self, Error> {
        let mut config = ManagerConfig::default();
        // Asking the server at each checkout costs more than the read that follows.
        config.recycling_method = RecyclingMethod::Fast;
        let manager = AsyncDieselConnectionManager::new_with_config(url, config);
        let pool = Pool::builder(manager)
            .max_size(size)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|error| Error::Connection(error.into()))?;
        Ok(Self { pool })
    }

    async fn connection(&self) -> Result<Object<Connection>, Error> {
        self.pool.get().await.map_err(|error| Error::Connection(error.into()))
    }

    /// Runs `work` on a connection. One query sees one moment; two may see two.
    pub async fn read<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: for<'c> AsyncFnOnce(&'c mut Connection) -> Result<T, Error> + Send + 'static,
        F: for<'c> Work<&'c mut Connection, Result<T, Error>>,
    {
        let mut connection = self.connection().await?;
        Ok(work(&mut connection).await?)
    }

    /// Runs `work` as one transaction (READ COMMITTED): committed where it answers `Ok`, undone where it answers
    /// `Err` or panics.
    pub async fn write<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: for<'c> AsyncFnOnce(&'c mut Connection) -> Result<T, Error> + Send + 'static,
        F: for<'c> Work<&'c mut Connection, Result<T, Error>>,
    {
        let mut connection = self.connection().await?;
        Ok(Connection::transaction(&mut connection, work).await?)
    }

    /// Applies what is pending and names it. Of any number of nodes that do so at once, one goes first.
    pub async fn migrate(&self) -> Result<Vec<String>, Error> {
        let mut connection = self.lock_schema().await?;
        let pending = match schema_state(&mut connection).await? {
            SchemaState::UpToDate => return Ok(Vec::new()),
            SchemaState::Behind(names) => names,
            newer @ SchemaState::Newer(_) => return Err(Error::Schema(newer)),
        };
        let mut harness = AsyncMigrationHarness::new(connection);
        let applied = spawn_blocking(move || harness.run_pending_migrations(dialect::MIGRATIONS).map(drop)).await;
        applied.map_err(|panicked| Error::Migration(panicked.into()))?.map_err(Error::Migration)?;
        Ok(pending)
    }

    /// A connection that doesn't go back to the pool.
    pub(crate) async fn unpooled(&self) -> Result<Connection, Error> {
        Ok(Object::take(self.connection().await?))
    }

    /// What stands between the schema and this program.
    pub async fn schema_state(&self) -> Result<SchemaState, Error> {
        schema_state(&mut self.lock_schema().await?).await
    }

    /// A connection that alone may change the schema, until it is dropped.
    async fn lock_schema(&self) -> Result<Connection, Error> {
        // Out of the pool: the lock goes with the connection, whatever happens.
        let mut connection = Object::take(self.connection().await?);
        dialect::lock_schema(&mut connection).await?;
        // Of two that do this at once, one would fail, whatever it says of what exists.
        connection.batch_execute(CREATE_MIGRATIONS_TABLE).await?;
        Ok(connection)
    }
}
