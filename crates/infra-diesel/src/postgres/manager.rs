//! Opens connections, and judges whether one can be used again.

use super::{connection::Connection, options::Options, shared::SharedConnection, target::Target};
use crate::{Error, sqlstate::LatestState};
use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::{
    runtime::Handle,
    task::{JoinHandle, JoinSet},
};

/// A connection in the pool.
pub(super) struct Pooled {
    pub(super) connection: Connection,
    pub(super) latest: Arc<LatestState>,
    /// It must not be used again.
    pub(super) is_unusable: bool,
    /// The manager's generation when the connection was made.
    pub(super) generation: u64,
}

/// Opens the connections of a pool, and those that reads share.
pub(super) struct Manager {
    pub(super) target: Target,
    settings: String,
    /// The runtime in which the pool was made, if there was one. It runs all connections: the runtimes of the threads that
    /// serve requests may end earlier than other such threads, and would close the connections that they run.
    runtime: Option<Handle>,
    /// Connections of an earlier generation are lost, or to a server that has become read-only.
    generation: AtomicU64,
}

impl Manager {
    pub(super) fn new(options: &Options) -> Result<Self, Error> {
        let statement = options.statement_timeout.as_millis();
        let lock = statement.div_ceil(2);
        // By statements, not as parameters of the connection: PgBouncer refuses those that it doesn't know.
        let settings = format!(
            "SET statement_timeout = {statement}; SET lock_timeout = {lock}; \
             SET idle_in_transaction_session_timeout = {statement}"
        );
        let (target, runtime) = (Target::parse(options)?, Handle::try_current().ok());
        Ok(Self { target, settings, runtime, generation: AtomicU64::new(0) })
    }

    /// The runtime that runs the connections.
    pub(super) fn runtime(&self) -> Handle {
        self.runtime.clone().unwrap_or_else(Handle::current)
    }

    /// The present generation of connections.
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Opens a connection that reads can share.
    pub(super) async fn open_shared(&self) -> Result<SharedConnection, Error> {
        let generation = self.generation();
        let (connection, latest, driver) = self.open().await?;
        Ok(SharedConnection::new(connection, latest, driver, generation))
    }

    /// Opens a connection, with the settings of the pool. The task runs it.
    async fn open(&self) -> Result<(AsyncPgConnection, Arc<LatestState>, JoinHandle<()>), Error> {
        let (target, latest) = (self.target.clone(), Arc::<LatestState>::default());
        let errors = Arc::clone(&latest);
        // Aborted when this future is dropped.
        let mut connecting = JoinSet::new();
        let connect = async move { target.open(&errors).await };
        connecting.spawn_on(connect, &self.runtime());
        let connected = connecting.join_next().await.ok_or_else(|| Error::Connection("given up".into()))?;
        let (mut connection, driver) = connected.map_err(|ended| Error::Connection(ended.into()))??;
        connection.batch_execute(&self.settings).await.map_err(|error| Error::Connection(error.into()))?;
        Ok((connection, latest, driver))
    }

    /// Makes sure that no connection of this generation is used again. Where the present one is later, nothing changes: of
    /// many units of work that find the same, the first retires the connections.
    pub(super) fn retire_connections(&self, generation: u64) {
        let _ = self.generation.compare_exchange(generation, generation + 1, Ordering::AcqRel, Ordering::Acquire);
    }
}

impl managed::Manager for Manager {
    type Type = Pooled;
    type Error = Error;

    async fn create(&self) -> Result<Pooled, Error> {
        let generation = self.generation();
        let (connection, latest, _) = self.open().await?;
        Ok(Pooled { connection: Connection::new(connection), latest, is_unusable: false, generation })
    }

    /// Sends nothing to the server: a round trip costs more than most reads. A connection that the server has closed is
    /// detected without it.
    async fn recycle(&self, pooled: &mut Pooled, _: &Metrics) -> RecycleResult<Error> {
        let is_former = pooled.generation != self.generation();
        if is_former || pooled.is_unusable || pooled.connection.is_broken() {
            return Err(RecycleError::message("the connection is lost, or leads to a server that takes no writes"));
        }
        Ok(())
    }
}
