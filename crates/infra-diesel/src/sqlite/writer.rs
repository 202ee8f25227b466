//! The writer thread, which commits in groups.
//!
//! All units of work that were queued while the last commit waited for the disk are committed together: under load many
//! units share that wait, and a lone unit doesn't wait for others.

use super::{
    connection::{BUSY_TIMEOUT, LOG_LIMIT},
    in_place::{Connection, in_place},
    words,
};
use crate::{
    Error,
    error::refusal,
    metrics::{WriterMeter, number},
};
use diesel::{
    QueryResult,
    connection::SimpleConnection,
    result::{DatabaseErrorKind, Error as QueryError},
};
use std::{
    io, iter,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// How many units may wait. A unit takes tens of microseconds: a full queue is worked off within a fraction of a second.
const QUEUE: usize = 1024;

/// The most units that share a commit, so that none waits long for those behind it.
const GROUP: usize = 256;

/// After how long without writes a long write-ahead log is truncated.
const QUIET: Duration = Duration::from_secs(1);

// @spec SPEC-008
// @decision DEC-0002
/// Passes units of work to the writer thread.
pub(super) struct Writer {
    // Both are `Some` until the drop.
    queue: Option<SyncSender<Box<dyn Unit>>>,
    thread: Option<JoinHandle<()>>,
    meter: Arc<WriterMeter>,
}

impl Writer {
    /// Starts the thread, which owns the connection and truncates the write-ahead log at the path `log`.
    pub(super) fn start(connection: Connection, log: Option<PathBuf>) -> io::Result<Self> {
        let (queue, units) = sync_channel(QUEUE);
        let meter = Arc::new(WriterMeter::new(number(QUEUE)));
        let thread = thread::Builder::new().name("sqlite-writer".to_owned()).spawn({
            let meter = Arc::clone(&meter);
            move || serve(connection, &units, &meter, log.as_deref())
        })?;
        Ok(Self { queue: Some(queue), thread: Some(thread), meter })
    }

    /// Runs `work` in a transaction, and returns once that is committed or rolled back.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut Connection) -> Result<T, Error> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let unit = Box::new(Job { work: Some(work), result: None, caller });
        let queue = self.queue.as_ref().ok_or(Error::Closed)?;
        // Incremented before the unit is queued, so that the gauge never falls below zero.
        self.meter.queue.increment(1);
        queue.try_send(unit).map_err(|refused| {
            self.meter.queue.decrement(1);
            match refused {
                TrySendError::Full(_) => Error::QueueFull,
                TrySendError::Disconnected(_) => Error::Closed,
            }
        })?;
        answer.await.unwrap_or(Err(Error::Closed))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // The thread ends once the queue is closed and empty.
        drop(self.queue.take());
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != thread::current().id()) {
            let _ = thread.join();
        }
    }
}

/// A queued unit of work, and the caller that waits for it.
trait Unit: Send {
    /// Does the work. Returns whether to commit it.
    fn run(&mut self, connection: &mut Connection) -> bool;

    /// Sends the result to the caller, once the commit has succeeded or failed.
    fn answer(self: Box<Self>, committed: &Result<(), Arc<QueryError>>);
}

struct Job<T, F> {
    work: Option<F>,
    result: Option<Result<T, Error>>,
    caller: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Unit for Job<T, F>
where
    T: Send,
    F: AsyncFnOnce(&mut Connection) -> Result<T, Error> + Send,
{
    fn run(&mut self, connection: &mut Connection) -> bool {
        let Some(work) = self.work.take().filter(|_| !self.caller.is_closed()) else { return false };
        let result = catch_unwind(AssertUnwindSafe(|| in_place(work(connection)))).unwrap_or(Err(Error::Panicked));
        self.result.insert(result).is_ok()
    }

    fn answer(self: Box<Self>, committed: &Result<(), Arc<QueryError>>) {
        let result = match (self.result, committed) {
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(Error::Commit(Arc::clone(error))),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => return,
        };
        // The caller may be gone.
        let _ = self.caller.send(result);
    }
}

fn serve(mut connection: Connection, queue: &Receiver<Box<dyn Unit>>, meter: &WriterMeter, log: Option<&Path>) {
    words::group(&mut connection);
    // The log of a killed process may be long, too.
    let mut may_be_long = log.is_some();
    loop {
        let first = if may_be_long {
            match queue.recv_timeout(QUIET) {
                Err(RecvTimeoutError::Timeout) => {
                    may_be_long = log.is_some_and(|log| !truncate_log(&mut connection, log));
                    continue;
                }
                next => next.ok(),
            }
        } else {
            queue.recv().ok()
        };
        let Some(first) = first else { return };
        may_be_long = log.is_some();
        let mut units: Vec<_> = iter::once(first).chain(queue.try_iter().take(GROUP - 1)).collect();
        let (count, begun) = (number(units.len()), Instant::now());
        meter.queue.decrement(count);
        let locked = execute(&mut connection, "BEGIN IMMEDIATE");
        if locked.is_err() {
            // Another process has the lock. The units that were queued meanwhile have waited as long: they fail as well.
            let waiting = units.len();
            units.extend(queue.try_iter().take(QUEUE));
            meter.queue.decrement(number(units.len() - waiting));
        }
        let committed = locked.and_then(|()| commit(&mut connection, &mut units)).map_err(Arc::new);
        meter.committed(count, begun, committed.is_ok());
        if let Err(error) = &committed {
            // An error that may pass is logged by the callers.
            if refusal(error).is_none() {
                tracing::error!(%error, units = units.len(), "a commit failed");
            }
            // Fails where SQLite has rolled back by itself.
            let _ = execute(&mut connection, "ROLLBACK");
        }
        for unit in units {
            unit.answer(&committed);
        }
    }
}

/// Truncates a write-ahead log that is longer than its limit, as it becomes during long reads. Whether it is short now.
///
/// SQLite itself truncates it only when a later transaction restarts it, which on a quiet server is much later.
fn truncate_log(connection: &mut Connection, log: &Path) -> bool {
    let is_short = || log.metadata().map_or(true, |log| log.len() <= LOG_LIMIT);
    if is_short() {
        return true;
    }
    // Without waiting for reads that are in progress: it is tried again later.
    let emptied = execute(connection, "PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)");
    let restored = execute(connection, BUSY_TIMEOUT);
    if let Err(error) = emptied.and(restored) {
        tracing::debug!(%error, "the write-ahead log could not be truncated");
    }
    is_short()
}

/// Runs every unit in the open transaction, and commits them together. On `Err` nothing is committed.
fn commit(connection: &mut Connection, units: &mut [Box<dyn Unit>]) -> QueryResult<()> {
    words::forget(connection, 0);
    if let [unit] = units {
        if !unit.run(connection) {
            return roll_back(connection, "ROLLBACK");
        }
    } else {
        for unit in units {
            execute(connection, "SAVEPOINT unit")?;
            let waiting = words::waiting(connection);
            if unit.run(connection) {
                execute(connection, "RELEASE unit")?;
            } else {
                words::forget(connection, waiting);
                roll_back(connection, "ROLLBACK TO unit; RELEASE unit")?;
            }
        }
    }
    words::write_all(connection)?;
    execute(connection, "COMMIT")
}

/// Rolls a unit back. Where the disk is full, SQLite may have rolled back the whole transaction already, so that this
/// fails for want of a transaction: the error says that the disk is full instead.
fn roll_back(connection: &mut Connection, sql: &'static str) -> QueryResult<()> {
    let full = || Box::new("database or disk is full".to_owned());
    execute(connection, sql).map_err(|_| QueryError::DatabaseError(DatabaseErrorKind::Unknown, full()))
}

pub(super) fn execute(connection: &mut Connection, sql: &'static str) -> QueryResult<()> {
    connection.blocking().batch_execute(sql)
}
