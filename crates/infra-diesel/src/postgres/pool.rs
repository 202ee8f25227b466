//! The pool of connections.

use super::{
    connection::Connection,
    options::Options,
    shared::{Share, SharedConnection, SharedConnections, reads_on, share_of},
    target::{Driver, Target},
};
use crate::{
    Error,
    metrics::{PoolMeter, Work, number},
    sqlstate::{LatestState, Meaning},
};
use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use diesel::result::Error as QueryError;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, SemaphorePermit},
    task::{JoinHandle, JoinSet},
    time::{timeout, timeout_at},
};
use tokio_postgres::Client;

/// How many units of work may wait for a connection. A unit takes tens to hundreds of microseconds: a full queue is worked
/// off within a fraction of a second.
const QUEUE: usize = 1024;

/// How many of them may be uncounted work.
const UNCOUNTED_QUEUE: usize = QUEUE / 4;

// @spec SPEC-008
// @decision DEC-0007
/// A pool with a limited number of connections and a limited queue of units of work that wait for one.
#[derive(Clone)]
pub(super) struct Pool {
    connections: managed::Pool<Manager>,
    shared: Arc<SharedConnections>,
    /// How many reads may be on the shared connections.
    reads: Arc<Semaphore>,
    places: Arc<Semaphore>,
    /// The limits of uncounted work; `None` for counted work.
    uncounted: Option<Arc<Uncounted>>,
    acquire_timeout: Duration,
    meter: Arc<PoolMeter>,
}

/// The part of the pool for requests that no rate limit has counted yet. The rest is reserved for counted requests.
struct Uncounted {
    places: Semaphore,
    connections: Semaphore,
}

/// A connection for one unit of work. Returns to the pool when it is dropped.
pub(super) struct Borrowed<'p> {
    connection: managed::Object<Manager>,
    pool: &'p Pool,
    _places: Places<'p>,
    _work: Work<'p>,
}

/// A part of a shared connection, for one read.
pub(super) struct Reading<'p> {
    share: Share<'p>,
    pool: &'p Pool,
    _read: SemaphorePermit<'p>,
    _places: Places<'p>,
    _work: Work<'p>,
}

type Places<'p> = (SemaphorePermit<'p>, Option<[SemaphorePermit<'p>; 2]>);

impl Pool {
    pub(super) fn new(options: &Options) -> Result<Self, Error> {
        let Options { pool_size, acquire_timeout, .. } = *options;
        let manager = Manager::new(options)?;
        if manager.target.is_unprotected {
            tracing::warn!(
                "the URL of the database has no `sslmode`, and its host isn't this machine: the password and all data may \
                 be read on the way. Add `?sslmode=require`, or `?sslmode=prefer` or `disable` if that is meant"
            );
        }
        let shared = share_of(pool_size);
        let connections = managed::Pool::builder(manager)
            .max_size(pool_size - shared)
            .build()
            .map_err(|error| Error::Connection(error.into()))?;
        let reads = Arc::new(Semaphore::new(reads_on(shared)));
        let shared = Arc::new(SharedConnections::new(shared));
        let places = Arc::new(Semaphore::new(pool_size.saturating_add(QUEUE)));
        let meter = Arc::new(PoolMeter::new(number(pool_size)));
        Ok(Self { connections, shared, reads, places, uncounted: None, acquire_timeout, meter })
    }

    /// The part for uncounted work: half of the connections, a quarter of the queue.
    pub(super) fn uncounted(&self) -> Self {
        let connections = (self.connections.status().max_size / 2).max(1);
        let uncounted = Uncounted {
            places: Semaphore::new(connections + UNCOUNTED_QUEUE),
            connections: Semaphore::new(connections),
        };
        Self { uncounted: Some(Arc::new(uncounted)), ..self.clone() }
    }

    /// Sets the gauges.
    pub(super) fn observe(&self) {
        let managed::Status { size, available, waiting, .. } = self.connections.status();
        self.meter.set(size + self.shared.open(self.generation()), available, waiting);
    }

    /// A connection outside the pool.
    pub(super) async fn dedicated(&self) -> Result<(Client, Driver), Error> {
        self.connections.manager().target.dedicated().await
    }

    /// The manager's generation.
    pub(super) fn generation(&self) -> u64 {
        self.connections.manager().generation.load(Ordering::Acquire)
    }

    /// Opens a connection that reads can share.
    async fn open_shared(&self) -> Result<SharedConnection, Error> {
        let manager = self.connections.manager();
        let generation = self.generation();
        let (connection, latest, driver) = manager.open().await?;
        Ok(SharedConnection::new(connection, latest, driver, generation))
    }

    /// Takes a part of a shared connection for a read. `None` where the pool shares none, or can't at the moment.
    pub(super) async fn share(&self) -> Result<Option<Reading<'_>>, Error> {
        let begun = Instant::now();
        let deadline = (begun + self.acquire_timeout).into();
        if self.shared.is_empty() {
            return Ok(None);
        }
        let places = self.places(deadline).await?;
        let read = timeout_at(deadline, self.reads.acquire()).await.map_err(none)?.map_err(|_| Error::Closed)?;
        let share = timeout_at(deadline, self.shared.get(self.generation(), self.open_shared())).await.map_err(none)?;
        self.meter.waited(begun);
        Ok(share.map(|share| Reading { share, pool: self, _read: read, _places: places, _work: self.meter.work() }))
    }

    /// Places in the queue, and for uncounted work a turn.
    async fn places(&self, deadline: tokio::time::Instant) -> Result<Places<'_>, Error> {
        let uncounted = match &self.uncounted {
            None => None,
            Some(uncounted) => {
                let place = uncounted.places.try_acquire().map_err(|_| Error::QueueFull)?;
                let turn = timeout_at(deadline, uncounted.connections.acquire()).await.map_err(none)?;
                Some([place, turn.map_err(|_| Error::Closed)?])
            }
        };
        Ok((self.places.try_acquire().map_err(|_| Error::QueueFull)?, uncounted))
    }

    /// Takes a connection that is open as far as the client knows, and has no open transaction.
    pub(super) async fn get(&self) -> Result<Borrowed<'_>, Error> {
        let begun = Instant::now();
        let deadline = (begun + self.acquire_timeout).into();
        let places = self.places(deadline).await?;
        let connection = timeout_at(deadline, self.connections.get()).await;
        self.meter.waited(begun);
        match connection.map_err(none)? {
            Ok(connection) => {
                // An error of the unit of work before.
                connection.latest.take();
                Ok(Borrowed { connection, pool: self, _places: places, _work: self.meter.work() })
            }
            Err(managed::PoolError::Backend(error)) => Err(error),
            Err(error) => Err(Error::Connection(error.into())),
        }
    }
}

fn none<E>(_: E) -> Error {
    Error::Connection("none within the time allowed".into())
}

impl Reading<'_> {
    pub(super) fn connection(&self) -> Connection {
        self.share.connection()
    }

    /// No further read uses the connection.
    pub(super) fn retire(&self) {
        self.share.retire();
    }

    /// As [`Borrowed::classify`].
    pub(super) fn classify(&self, error: Error) -> (Error, bool) {
        let (error, is_lost) = self.share.classify(error);
        if let Error::Server { state, .. } = &error
            && state.meaning() == Meaning::ReadOnly
        {
            // The other connections are to that server, too.
            self.pool.connections.manager().retire_connections();
        }
        (error, is_lost)
    }
}

impl Borrowed<'_> {
    /// For work that ends with a call of [`done`](Self::done). Where it is cancelled, the connection isn't used again: the
    /// next unit of work would receive the answers to its statements.
    pub(super) fn connection(&mut self) -> &mut Connection {
        self.connection.is_unusable = true;
        &mut self.connection.connection
    }

    /// Marks the connection as usable: the work has ended.
    pub(super) fn done(&mut self) {
        self.connection.is_unusable = false;
    }

    /// Removes the connection from the pool.
    pub(super) fn take(self) -> Connection {
        managed::Object::take(self.connection).connection
    }

    /// Adds the SQLSTATE to an error of the work. The second value says whether the work may succeed on another connection;
    /// then this one isn't used again.
    pub(super) async fn classify(&mut self, error: Error) -> (Error, bool) {
        let source = match error {
            // These are errors of Diesel itself, not of the server.
            Error::Query(
                source @ (QueryError::NotFound
                | QueryError::DeserializationError(_)
                | QueryError::SerializationError(_)),
            ) => return (Error::Query(source), false),
            Error::Query(source) => source,
            error => return (error, false),
        };
        if let Some(state) = self.connection.latest.take() {
            let meaning = state.meaning();
            self.connection.is_unusable = meaning.ends_connection();
            if meaning == Meaning::ReadOnly {
                // The other connections are to that server, too.
                self.pool.connections.manager().retire_connections();
            }
            (Error::Server { state, source }, meaning.ends_connection())
        } else if self.is_lost().await {
            (Error::Connection(source.into()), true)
        } else {
            (Error::Query(source), false)
        }
    }

    /// Whether the connection is lost.
    async fn is_lost(&mut self) -> bool {
        let deadline = self.pool.acquire_timeout;
        let connection = self.connection();
        let is_lost = connection.is_broken()
            // A server that shuts down reports an error and closes the connection a moment later: an empty statement shows it.
            || !matches!(timeout(deadline, connection.batch_execute("")).await, Ok(Ok(())));
        self.connection.is_unusable = is_lost;
        is_lost
    }
}

/// A connection in the pool.
struct Pooled {
    connection: Connection,
    latest: Arc<LatestState>,
    /// It must not be used again.
    is_unusable: bool,
    /// The manager's generation when the connection was made.
    generation: u64,
}

struct Manager {
    target: Target,
    settings: String,
    /// The runtime in which the pool was made, if there was one. It runs all connections: the runtimes of the threads that
    /// serve requests may end earlier than other such threads, and would close the connections that they run.
    runtime: Option<Handle>,
    /// Connections of an earlier generation are to a server that has become read-only.
    generation: AtomicU64,
}

impl Manager {
    fn new(options: &Options) -> Result<Self, Error> {
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

    /// Opens a connection, with the settings of the pool. The task runs it.
    async fn open(&self) -> Result<(AsyncPgConnection, Arc<LatestState>, JoinHandle<()>), Error> {
        let (target, latest) = (self.target.clone(), Arc::<LatestState>::default());
        let errors = Arc::clone(&latest);
        // Aborted when this future is dropped.
        let mut connecting = JoinSet::new();
        let connect = async move { target.open(&errors).await };
        connecting.spawn_on(connect, &self.runtime.clone().unwrap_or_else(Handle::current));
        let connected = connecting.join_next().await.ok_or_else(|| Error::Connection("given up".into()))?;
        let (mut connection, driver) = connected.map_err(|ended| Error::Connection(ended.into()))??;
        connection.batch_execute(&self.settings).await.map_err(|error| Error::Connection(error.into()))?;
        Ok((connection, latest, driver))
    }

    /// Makes sure that no existing connection is used again.
    fn retire_connections(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }
}

impl managed::Manager for Manager {
    type Type = Pooled;
    type Error = Error;

    async fn create(&self) -> Result<Pooled, Error> {
        let generation = self.generation.load(Ordering::Acquire);
        let (connection, latest, _) = self.open().await?;
        Ok(Pooled { connection: Connection::new(connection), latest, is_unusable: false, generation })
    }

    /// Sends nothing to the server: a round trip costs more than most reads. A connection that the server has closed is
    /// detected without it.
    async fn recycle(&self, pooled: &mut Pooled, _: &Metrics) -> RecycleResult<Error> {
        let is_former = pooled.generation != self.generation.load(Ordering::Acquire);
        if is_former || pooled.is_unusable || pooled.connection.is_broken() {
            return Err(RecycleError::message("the connection is closed, or leads to a server that takes no writes"));
        }
        Ok(())
    }
}
