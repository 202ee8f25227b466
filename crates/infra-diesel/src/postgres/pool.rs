//! Connections: how one is made, kept, and given up.

use super::{
    Connection,
    options::{Driver, Options, Target},
};
use crate::{
    Error,
    metrics::{PoolMeter, Work, number},
    sqlstate::{LatestState, Meaning},
};
use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use diesel::result::Error as QueryError;
use diesel_async::{SimpleAsyncConnection, pooled_connection::PoolableConnection};
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
    task::JoinSet,
    time::{timeout, timeout_at},
};
use tokio_postgres::Client;

/// Units of work that may wait for a connection. A unit takes tens to hundreds of microseconds of a connection: a full
/// queue is a fraction of a second's work.
const QUEUE: usize = 1024;

/// Those of them that may be uncounted.
const UNCOUNTED_QUEUE: usize = QUEUE / 4;

// @spec SPEC-008
// @decision DEC-008
/// As many connections as are allowed, and room for those who wait for one.
#[derive(Clone)]
pub(super) struct Pool {
    connections: managed::Pool<Manager>,
    places: Arc<Semaphore>,
    /// What work that isn't counted has to pass first.
    uncounted: Option<Arc<Uncounted>>,
    patience: Duration,
    meter: Arc<PoolMeter>,
}

/// The part of the pool that is open to work for requests which no rate limit has counted yet. It can't take the rest,
/// which is kept for requests that were counted.
struct Uncounted {
    places: Semaphore,
    connections: Semaphore,
}

/// A connection for one unit of work. Goes back to the pool when dropped.
pub(super) struct Borrowed<'p> {
    connection: managed::Object<Manager>,
    pool: &'p Pool,
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
        let connections = managed::Pool::builder(manager)
            .max_size(pool_size)
            .build()
            .map_err(|error| Error::Connection(error.into()))?;
        let places = Arc::new(Semaphore::new(pool_size.saturating_add(QUEUE)));
        let meter = Arc::new(PoolMeter::new(number(pool_size)));
        Ok(Self { connections, places, uncounted: None, patience: acquire_timeout, meter })
    }

    /// The part of it for work that isn't counted: half of the connections, a quarter of the queue.
    pub(super) fn uncounted(&self) -> Self {
        let connections = (self.connections.status().max_size / 2).max(1);
        let uncounted = Uncounted {
            places: Semaphore::new(connections + UNCOUNTED_QUEUE),
            connections: Semaphore::new(connections),
        };
        Self { uncounted: Some(Arc::new(uncounted)), ..self.clone() }
    }

    /// Shows how the pool is used right now.
    pub(super) fn observe(&self) {
        let managed::Status { size, available, waiting, .. } = self.connections.status();
        self.meter.set(size, available, waiting);
    }

    /// A connection beside those of the pool, as the driver makes it.
    pub(super) async fn dedicated(&self) -> Result<(Client, Driver), Error> {
        self.connections.manager().target.dedicated().await
    }

    /// A connection that was open a moment ago; its transaction, if there was one, is over.
    pub(super) async fn get(&self) -> Result<Borrowed<'_>, Error> {
        let begun = Instant::now();
        let deadline = (begun + self.patience).into();
        let none = |_| Error::Connection("none within the time allowed".into());
        let uncounted = match &self.uncounted {
            None => None,
            Some(uncounted) => {
                let place = uncounted.places.try_acquire().map_err(|_| Error::QueueFull)?;
                let turn = timeout_at(deadline, uncounted.connections.acquire()).await.map_err(none)?;
                Some([place, turn.map_err(|_| Error::Closed)?])
            }
        };
        let place = self.places.try_acquire().map_err(|_| Error::QueueFull)?;
        let connection = timeout_at(deadline, self.connections.get()).await;
        self.meter.waited(begun);
        match connection.map_err(none)? {
            Ok(connection) => {
                // What another unit has met is nothing to this one.
                connection.latest.take();
                Ok(Borrowed { connection, pool: self, _places: (place, uncounted), _work: self.meter.work() })
            }
            Err(managed::PoolError::Backend(error)) => Err(error),
            Err(error) => Err(Error::Connection(error.into())),
        }
    }
}

impl Borrowed<'_> {
    /// For work that ends with [`done`](Self::done). Where it is given up in the midst, the connection isn't used again:
    /// whoever came next would wait for the answer to a question of somebody else's.
    pub(super) fn connection(&mut self) -> &mut Connection {
        self.connection.is_over = true;
        &mut self.connection.connection
    }

    /// Nothing is under way any more.
    pub(super) fn done(&mut self) {
        self.connection.is_over = false;
    }

    /// Out of the pool, for good.
    pub(super) fn take(self) -> Connection {
        managed::Object::take(self.connection).connection
    }

    /// What an error of the work means, by its SQLSTATE. Whether another connection may do better; this one is not used
    /// again then.
    pub(super) async fn judge(&mut self, error: Error) -> (Error, bool) {
        let source = match error {
            // These never come from the server.
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
            self.connection.is_over = meaning.ends_connection();
            if meaning == Meaning::WrongServer {
                // The others lead there too.
                self.pool.connections.manager().renew();
            }
            (Error::Server { state, source }, meaning.ends_connection())
        } else if self.is_lost().await {
            (Error::Connection(source.into()), true)
        } else {
            (Error::Query(source), false)
        }
    }

    /// Whether the server can't be reached on this connection any longer.
    async fn is_lost(&mut self) -> bool {
        let patience = self.pool.patience;
        let connection = self.connection();
        let is_lost = connection.is_broken()
            // A server that shuts down says so and hangs up a moment later: asking tells which it was.
            || !matches!(timeout(patience, connection.batch_execute("")).await, Ok(Ok(())));
        self.connection.is_over = is_lost;
        is_lost
    }
}

/// A connection in the pool.
struct Pooled {
    connection: Connection,
    latest: Arc<LatestState>,
    /// It must not be used again.
    is_over: bool,
    /// Of the manager, when it was made.
    generation: u64,
}

struct Manager {
    target: Target,
    settings: String,
    /// Where the pool was made, if it was in one. It keeps the connections going: the runtime of a thread that serves
    /// requests may end while others still serve, and would take its connections along.
    runtime: Option<Handle>,
    /// Connections of a former generation may lead to a server that takes no writes any more.
    generation: AtomicU64,
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
        let (target, runtime) = (Target::parse(options)?, Handle::try_current().ok());
        Ok(Self { target, settings, runtime, generation: AtomicU64::new(0) })
    }

    /// No connection that there is now is used again.
    fn renew(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }
}

impl managed::Manager for Manager {
    type Type = Pooled;
    type Error = Error;

    async fn create(&self) -> Result<Pooled, Error> {
        let generation = self.generation.load(Ordering::Acquire);
        let (target, latest) = (self.target.clone(), Arc::<LatestState>::default());
        let errors = Arc::clone(&latest);
        // Given up together with this future.
        let mut connecting = JoinSet::new();
        let connect = async move { target.open(&errors).await };
        connecting.spawn_on(connect, &self.runtime.clone().unwrap_or_else(Handle::current));
        let connected = connecting.join_next().await.ok_or_else(|| Error::Connection("given up".into()))?;
        let mut connection = connected.map_err(|ended| Error::Connection(ended.into()))??;
        connection.batch_execute(&self.settings).await.map_err(|error| Error::Connection(error.into()))?;
        Ok(Pooled { connection, latest, is_over: false, generation })
    }

    /// Without a word to the server: to ask it costs more than the read that follows. A connection that the server
    /// has closed is known to be.
    async fn recycle(&self, pooled: &mut Pooled, _: &Metrics) -> RecycleResult<Error> {
        let is_former = pooled.generation != self.generation.load(Ordering::Acquire);
        if is_former || pooled.is_over || pooled.connection.is_broken() {
            return Err(RecycleError::message("the connection is closed, or leads to a server that takes no writes"));
        }
        Ok(())
    }
}
