//! Connections: how one is made, kept, and given up.

use super::{
    Connection,
    options::{Options, Target},
    tls::Stream,
};
use crate::{
    Error,
    metrics::{PoolMeter, Work, number},
};
use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection, pooled_connection::PoolableConnection};
use std::{
    error::Error as StdError,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, SemaphorePermit},
    task::JoinSet,
    time::timeout,
};
use tokio_postgres::{Client, Socket};

/// Units of work that may wait for a connection. A unit takes tens to hundreds of microseconds of a connection: a full
/// queue is a fraction of a second's work.
const QUEUE: usize = 1024;

// @spec SPEC-008
// @decision DEC-008
/// As many connections as are allowed, and room for those who wait for one.
#[derive(Clone)]
pub(super) struct Pool {
    connections: managed::Pool<Manager>,
    places: Arc<Semaphore>,
    patience: Duration,
    meter: Arc<PoolMeter>,
}

/// A connection for one unit of work. Goes back to the pool when dropped.
pub(super) struct Borrowed<'p> {
    connection: managed::Object<Manager>,
    _place: SemaphorePermit<'p>,
    _work: Work<'p>,
}

impl Pool {
    pub(super) fn new(options: &Options) -> Result<Self, Error> {
        let Options { pool_size, acquire_timeout, .. } = *options;
        let connections = managed::Pool::builder(Manager::new(options)?)
            .max_size(pool_size)
            .build()
            .map_err(|error| Error::Connection(error.into()))?;
        let places = Arc::new(Semaphore::new(pool_size.saturating_add(QUEUE)));
        let meter = Arc::new(PoolMeter::new(number(pool_size)));
        Ok(Self { connections, places, patience: acquire_timeout, meter })
    }

    /// Shows how the pool is used right now.
    pub(super) fn observe(&self) {
        let managed::Status { size, available, waiting, .. } = self.connections.status();
        self.meter.set(size, available, waiting);
    }

    /// A connection beside those of the pool, as the driver makes it.
    pub(super) async fn dedicated(&self) -> Result<(Client, Driver), Error> {
        self.connections.manager().target.connect().await
    }

    /// A connection that was open a moment ago; its transaction, if there was one, is over.
    pub(super) async fn get(&self) -> Result<Borrowed<'_>, Error> {
        let place = self.places.try_acquire().map_err(|_| Error::QueueFull)?;
        let begun = Instant::now();
        let connection = timeout(self.patience, self.connections.get()).await;
        self.meter.waited(begun);
        let connection = connection.map_err(|_| Error::Connection("none within the time allowed".into()))?;
        match connection {
            Ok(connection) => Ok(Borrowed { connection, _place: place, _work: self.meter.work() }),
            Err(managed::PoolError::Backend(error)) => Err(error),
            Err(error) => Err(Error::Connection(error.into())),
        }
    }
}

impl Borrowed<'_> {
    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Out of the pool, for good.
    pub(super) fn take(self) -> Connection {
        managed::Object::take(self.connection)
    }

    /// Whether the server can't be reached on this connection any longer.
    pub(super) async fn is_lost(&mut self) -> bool {
        // A server that shuts down says so and hangs up a moment later: asking tells which it was.
        self.connection.is_broken() || self.connection.batch_execute("").await.is_err()
    }
}

struct Manager {
    target: Target,
    settings: String,
    /// Where the pool was made, if it was in one. It keeps the connections going: the runtime of a thread that serves
    /// requests may end while others still serve, and would take its connections along.
    runtime: Option<Handle>,
}

impl Manager {
    fn new(options: &Options) -> Result<Self, Error> {
        let statement = options.statement_timeout.as_millis();
        let lock = statement.div_ceil(2);
        // As statements, not with the connection's start: PgBouncer refuses to start with settings that it doesn't
        // know.
        let settings = format!(
            "SET statement_timeout = {statement}; SET lock_timeout = {lock}; \
             SET idle_in_transaction_session_timeout = {statement}"
        );
        Ok(Self { target: Target::parse(options)?, settings, runtime: Handle::try_current().ok() })
    }
}

/// What keeps a connection going that the driver has made.
pub(super) type Driver = tokio_postgres::Connection<Socket, Stream<Socket>>;

impl Target {
    async fn connect(&self) -> Result<(Client, Driver), Error> {
        self.config.connect(self.tls.clone()).await.map_err(|error| unreachable(&error))
    }
}

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = Error;

    async fn create(&self) -> Result<Connection, Error> {
        let target = self.target.clone();
        let connect = async move {
            let (client, driver) = target.connect().await?;
            let connection = AsyncPgConnection::try_from_client_and_connection(client, driver).await;
            connection.map_err(|error| Error::Connection(error.into()))
        };
        // Given up together with this future.
        let mut connecting = JoinSet::new();
        connecting.spawn_on(connect, &self.runtime.clone().unwrap_or_else(Handle::current));
        let connected = connecting.join_next().await.ok_or_else(|| Error::Connection("given up".into()))?;
        let mut connection = connected.map_err(|ended| Error::Connection(ended.into()))??;
        connection.batch_execute(&self.settings).await?;
        Ok(connection)
    }

    /// Without a word to the server: to ask it costs more than the read that follows. A connection that the server
    /// has closed is known to be.
    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<Error> {
        if connection.is_broken() { Err(RecycleError::message("the connection is closed")) } else { Ok(()) }
    }
}

/// With its causes, which the driver doesn't print.
fn unreachable(error: &tokio_postgres::Error) -> Error {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    Error::Connection(line.into())
}
