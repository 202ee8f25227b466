//! Runs units of work on connections of the pool.

use super::{
    connection::Connection,
    groups::Groups,
    listener::NotificationListener,
    options::Options,
    pool::Pool,
    repositories,
    work::{Isolation, Work, isolated},
};
use crate::{Error, hints::Hints, space::Space};
use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use fasttrack_domain::ports::{Repositories, RepositoryError};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// Turns timeouts off, for work that may take long.
const NO_TIMEOUTS: &str =
    "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0";

/// A pool of connections to one database. Clones share it.
#[derive(Clone)]
pub struct Database {
    pool: Pool,
    timeout: Duration,
    hints: Hints,
    space: Space,
    groups: Groups,
}

impl Database {
    /// The database at `url`, over at most `size` connections. See [`Options`].
    pub fn open(url: &str, size: usize) -> Result<Self, Error> {
        Self::with_options(&Options { pool_size: size, ..Options::new(url) })
    }

    /// Doesn't connect yet. While the server can't be reached work fails as unavailable, and each unit of work tries to
    /// connect again.
    pub fn with_options(options: &Options) -> Result<Self, Error> {
        // Longer than the server's own timeout, which applies first where the server still works.
        let timeout = options.statement_timeout + options.acquire_timeout;
        Ok(Self {
            pool: Pool::new(options)?,
            timeout,
            hints: Hints::default(),
            space: Space::default(),
            groups: Groups::default(),
        })
    }

    /// Runs `work` on a connection, again on another one where the first turns out to be lost, and on a new one where the
    /// second is, too. Each query sees the database as it is at one moment; two queries may see different moments.
    #[tracing::instrument(name = "postgresql read", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn read<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: for<'c> AsyncFnOnce(&'c mut Connection) -> Result<T, Error> + Clone + Send + 'static,
        F: for<'c> Work<&'c mut Connection, Result<T, Error>>,
    {
        self.read_repeatedly(work).await
    }

    /// As [`read`](Self::read), without a span.
    pub(super) async fn read_repeatedly<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send,
        F: for<'c> Work<&'c mut Connection, Result<T, Error>> + Clone + Send,
    {
        let (begun, generation) = (Instant::now(), self.pool.generation());
        let first = match self.attempt_shared(begun, work.clone()).await {
            Some(result) => result,
            None => self.attempt(begun, Isolation::Statements, work.clone()).await,
        };
        self.repeat(first, generation, Isolation::Statements, work).await
    }

    /// Runs `work` as [`read`](Self::read) does, but all its queries see the database as it is at one moment. It has a
    /// connection of its own for that.
    #[tracing::instrument(name = "postgresql read", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub(crate) async fn read_snapshot<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: for<'c> AsyncFnOnce(&'c mut Connection) -> Result<T, Error> + Clone + Send + 'static,
        F: for<'c> Work<&'c mut Connection, Result<T, Error>>,
    {
        let generation = self.pool.generation();
        let first = self.attempt(Instant::now(), Isolation::Snapshot, work.clone()).await;
        self.repeat(first, generation, Isolation::Snapshot, work).await
    }

    /// Runs `work` again, where the first result says that it may succeed on another connection. The pool had this generation
    /// before.
    async fn repeat<T, F>(
        &self,
        first: Result<T, (Error, bool)>,
        generation: u64,
        isolation: Isolation,
        work: F,
    ) -> Result<T, RepositoryError>
    where
        T: Send,
        F: for<'c> Work<&'c mut Connection, Result<T, Error>> + Clone + Send,
    {
        let mut result = first;
        if let Err((_, true)) = result {
            result = self.attempt(Instant::now(), isolation, work.clone()).await;
        }
        if let Err((_, true)) = result {
            // Two in a row: the server has ended them all, and the client may not know it of the others yet.
            self.pool.retire_connections(generation);
            result = self.attempt(Instant::now(), isolation, work).await;
        }
        result.map_err(|(error, _)| self.record_error(error))
    }

    /// Runs `work` on a connection that others read from at the same time. `None` where there is none.
    async fn attempt_shared<T, F>(&self, begun: Instant, work: F) -> Option<Result<T, (Error, bool)>>
    where
        T: Send,
        F: for<'c> Work<&'c mut Connection, Result<T, Error>> + Send,
    {
        let reading = match self.pool.share(begun).await {
            Ok(reading) => reading?,
            Err(error) => return Some(Err((error, false))),
        };
        let mut connection = reading.connection();
        let Ok(result) = timeout(self.timeout, work(&mut connection)).await else {
            reading.retire();
            return Some(Err((no_answer(), false)));
        };
        Some(result.map_err(|error| reading.classify(error)))
    }

    /// The second value of an error says whether the same work may succeed on another connection.
    pub(super) async fn attempt<T, F>(&self, begun: Instant, isolation: Isolation, work: F) -> Result<T, (Error, bool)>
    where
        T: Send,
        F: for<'c> Work<&'c mut Connection, Result<T, Error>> + Send,
    {
        let mut connection = self.pool.get(begun).await.map_err(|error| (error, false))?;
        let Ok(result) = timeout(self.timeout, isolated(connection.connection(), isolation, work)).await else {
            drop(connection.take());
            return Err((no_answer(), false));
        };
        connection.done();
        match result {
            Ok(value) => Ok(value),
            Err(error) => Err(connection.classify(error).await),
        }
    }

    /// Runs `work` as one transaction (READ COMMITTED): committed where it returns `Ok`, rolled back where it returns
    /// `Err` or panics. Where the connection is lost during the commit, either may be the case.
    #[tracing::instrument(name = "postgresql write", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn write<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: for<'c> AsyncFnOnce(&'c mut Connection) -> Result<T, Error> + Send + 'static,
        F: for<'c> Work<&'c mut Connection, Result<T, Error>>,
    {
        let mut connection = self.pool.get(Instant::now()).await.map_err(|error| self.record_error(error))?;
        let Ok(result) = timeout(self.timeout, Connection::transaction(connection.connection(), work)).await else {
            drop(connection.take());
            return Err(no_answer().into());
        };
        connection.done();
        match result {
            Ok(value) => Ok(value),
            Err(error) => Err(self.record_error(connection.classify(error).await.0)),
        }
    }

    /// Runs `work`, which is one statement that writes and so a transaction of its own: two round trips less than
    /// [`write`](Self::write). Where it fails, `work` may read why.
    #[tracing::instrument(name = "postgresql write", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub(crate) async fn write_statement<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: for<'c> AsyncFnOnce(&'c mut Connection) -> Result<T, Error> + Send + 'static,
        F: for<'c> Work<&'c mut Connection, Result<T, Error>>,
    {
        self.attempt(Instant::now(), Isolation::Statements, work).await.map_err(|(error, _)| self.record_error(error))
    }

    pub(super) fn record_error(&self, error: Error) -> RepositoryError {
        self.space.note(&error);
        error.into()
    }

    /// What is written together.
    pub(super) fn groups(&self) -> &Groups {
        &self.groups
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Whether the disk was full lately.
    pub(crate) fn space(&self) -> &Space {
        &self.space
    }

    /// The same database for work that is done before a rate limit has counted its request. It can use only a part of the
    /// connections and of the queue; the rest is reserved for counted requests.
    #[must_use]
    pub fn uncounted(&self) -> Self {
        Self { pool: self.pool.uncounted(), ..self.clone() }
    }

    /// Receives what any node dispatches, this one included, on a connection outside the pool.
    pub fn listen(&self) -> NotificationListener {
        NotificationListener::new(self.pool.clone())
    }

    /// Sets the gauges of the pool's use.
    pub fn observe(&self) {
        self.pool.observe(self.groups.waiting());
    }

    /// What to notify after a commit. Clones share it.
    pub(crate) fn hints(&self) -> &Hints {
        &self.hints
    }

    /// A connection outside the pool, without timeouts, for work that may take long.
    pub(crate) async fn unpooled(&self) -> Result<Connection, Error> {
        let mut connection = self.pool.get(Instant::now()).await?.take();
        connection.batch_execute(NO_TIMEOUTS).await?;
        Ok(connection)
    }

    /// Every port that a database implements.
    pub fn repositories(&self) -> Repositories {
        repositories::all(self)
    }
}

fn no_answer() -> Error {
    Error::Connection("no answer within the time allowed".into())
}
