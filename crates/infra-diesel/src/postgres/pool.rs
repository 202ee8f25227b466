//! The pool of connections.

use super::{
    connection::Connection,
    manager::Manager,
    options::Options,
    shared::{Share, SharedConnections},
    sharing::{reads_on, share_of},
    target::Driver,
};
use crate::{
    Error,
    metrics::{PoolMeter, Work, number},
    sqlstate::Meaning,
};
use deadpool::managed;
use diesel_async::SimpleAsyncConnection;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, SemaphorePermit},
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

    /// Sets the gauges. Connections that reads share count as in use, as no write can have them. What waits for its group waits
    /// for a connection, too.
    pub(super) fn observe(&self, in_groups: usize) {
        let managed::Status { size, available, waiting, .. } = self.connections.status();
        self.meter.set(size + self.shared.count(), available, waiting + in_groups);
    }

    /// A connection outside the pool.
    pub(super) async fn dedicated(&self) -> Result<(Client, Driver), Error> {
        self.connections.manager().target.dedicated().await
    }

    /// How long work waits for a connection.
    pub(super) fn acquire_timeout(&self) -> Duration {
        self.acquire_timeout
    }

    /// The runtime that runs the connections.
    pub(super) fn runtime(&self) -> Handle {
        self.connections.manager().runtime()
    }

    /// The present generation of connections.
    pub(super) fn generation(&self) -> u64 {
        self.connections.manager().generation()
    }

    /// Makes sure that no connection of this generation is used again.
    pub(super) fn retire_connections(&self, generation: u64) {
        self.connections.manager().retire_connections(generation);
    }

    /// Takes a part of a shared connection for a read. `None` where the pool shares none, or can't at the moment.
    /// The work has waited since `begun`.
    pub(super) async fn share(&self, begun: Instant) -> Result<Option<Reading<'_>>, Error> {
        if self.shared.count() == 0 {
            return Ok(None);
        }
        let deadline = (begun + self.acquire_timeout).into();
        let places = self.places(deadline).await?;
        let read = timeout_at(deadline, self.reads.acquire()).await.map_err(none)?.map_err(|_| Error::Closed)?;
        let manager = self.connections.manager();
        let share = self.shared.get(manager.generation(), manager.open_shared());
        let Some(share) = timeout_at(deadline, share).await.map_err(none)? else { return Ok(None) };
        self.meter.waited(begun);
        Ok(Some(Reading { share, pool: self, _read: read, _places: places, _work: self.meter.work() }))
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

    /// Takes a connection that is open as far as the client knows, and has no open transaction. The work has waited since
    /// `begun`.
    pub(super) async fn get(&self, begun: Instant) -> Result<Borrowed<'_>, Error> {
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
    none_in_time()
}

pub(super) fn none_in_time() -> Error {
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
            self.pool.retire_connections(self.share.generation());
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
        let source = match error.into_server_error() {
            Ok(source) => source,
            Err(error) => return (error, false),
        };
        if let Some(state) = self.connection.latest.take() {
            let meaning = state.meaning();
            self.connection.is_unusable = meaning.ends_connection();
            if meaning == Meaning::ReadOnly {
                // The other connections are to that server, too.
                self.pool.retire_connections(self.connection.generation);
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
