//! Connections that reads share. Their statements are pipelined: neither side waits for the other between two of them, and
//! each wakes for many at once.

use super::connection::Connection;
use crate::{Error, sqlstate::LatestState};
use diesel_async::AsyncPgConnection;
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
};
use tokio::task::JoinHandle;

// @decision DEC-0027
/// The connections. Each is opened when it is first needed, and again after it was lost.
pub(super) struct SharedConnections {
    slots: Vec<Slot>,
}

#[derive(Default)]
struct Slot {
    reads: AtomicUsize,
    current: Mutex<Option<Arc<SharedConnection>>>,
    /// So that one read opens it, and the others take a connection of the pool meanwhile.
    is_opening: AtomicBool,
}

/// An open connection.
pub(super) struct SharedConnection {
    connection: Arc<AsyncPgConnection>,
    latest: Arc<LatestState>,
    driver: JoinHandle<()>,
    /// The pool's generation when it was opened.
    generation: u64,
    is_unusable: AtomicBool,
}

impl SharedConnection {
    pub(super) fn new(
        connection: AsyncPgConnection,
        latest: Arc<LatestState>,
        driver: JoinHandle<()>,
        generation: u64,
    ) -> Self {
        Self { connection: Arc::new(connection), latest, driver, generation, is_unusable: AtomicBool::new(false) }
    }

    fn is_usable(&self, generation: u64) -> bool {
        self.generation == generation && !self.is_unusable.load(Relaxed) && !self.driver.is_finished()
    }
}

/// A read's part of a connection.
pub(super) struct Share<'s> {
    slot: &'s Slot,
    connection: Arc<SharedConnection>,
}

impl SharedConnections {
    pub(super) fn new(count: usize) -> Self {
        Self { slots: (0..count).map(|_| Slot::default()).collect() }
    }

    /// A part of the connection with the fewest reads, which `open` opens where it isn't. `None` where none is shared, while
    /// another read opens it, and where it can't be opened.
    pub(super) async fn get(
        &self,
        generation: u64,
        open: impl Future<Output = Result<SharedConnection, Error>>,
    ) -> Option<Share<'_>> {
        let slot = self.slots.iter().min_by_key(|slot| slot.reads.load(Relaxed))?;
        if let Some(connection) = slot.current(generation) {
            return Some(slot.share(connection));
        }
        if slot.is_opening.swap(true, Relaxed) {
            return None;
        }
        let _opening = Opening(&slot.is_opening);
        // Where it can't be opened, the pool's connections say why.
        let connection = Arc::new(open.await.ok()?);
        *slot.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&connection));
        Some(slot.share(connection))
    }

    /// How many there are, open or not.
    pub(super) fn count(&self) -> usize {
        self.slots.len()
    }
}

impl Slot {
    fn current(&self, generation: u64) -> Option<Arc<SharedConnection>> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().filter(|connection| connection.is_usable(generation)).map(Arc::clone)
    }

    fn share(&self, connection: Arc<SharedConnection>) -> Share<'_> {
        self.reads.fetch_add(1, Relaxed);
        Share { slot: self, connection }
    }
}

/// Ends the opening of a connection, also where its read was given up.
struct Opening<'s>(&'s AtomicBool);

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        self.0.store(false, Relaxed);
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.slot.reads.fetch_sub(1, Relaxed);
    }
}

impl Share<'_> {
    pub(super) fn connection(&self) -> Connection {
        Connection::shared(Arc::clone(&self.connection.connection))
    }

    /// The pool's generation when the connection was opened.
    pub(super) fn generation(&self) -> u64 {
        self.connection.generation
    }

    /// No further read uses the connection.
    pub(super) fn retire(&self) {
        self.connection.is_unusable.store(true, Relaxed);
    }

    /// Adds the SQLSTATE to an error. The second value says whether the work may succeed on a connection of the pool.
    pub(super) fn classify(&self, error: Error) -> (Error, bool) {
        let source = match error.into_server_error() {
            Ok(source) => source,
            Err(error) => return (error, false),
        };
        // Of two errors at once, one may find none, and of a read that was given up a state may be left: on a connection of
        // its own the read finds out why it fails.
        let state = self.connection.latest.take().filter(|_| !self.connection.driver.is_finished());
        let Some(state) = state else { return (Error::Connection(source.into()), true) };
        let is_over = state.meaning().ends_connection();
        if is_over {
            self.retire();
        }
        (Error::Server { state, source }, is_over)
    }
}
