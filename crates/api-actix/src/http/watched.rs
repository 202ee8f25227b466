//! Observes the traffic of connections: whether they are idle or stalled, and whether the client has ended its input.
//!
//! An HTTP/1.1 connection continues with a response after the client has ended its input, since the client may still
//! wait for it. For an endless response the end of the input is the only sign that nobody reads it.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    io,
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, Waker, ready},
    time::{Duration, Instant},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Maximum bytes that are discarded. Beyond them the input counts as ended.
const MAX_DISCARDED: usize = 64 * 1024;

// @spec SPEC-005
/// The state of a connection's input. It belongs to the worker's thread.
#[derive(Debug, Default)]
pub struct ClientInput {
    has_ended: Cell<bool>,
    is_discarded: Cell<bool>,
    discarded: Cell<usize>,
    waker: RefCell<Option<Waker>>,
}

impl ClientInput {
    /// Discards all further input: no request may follow the current one.
    pub fn discard(&self) {
        self.is_discarded.set(true);
    }

    /// Waits for the end of the input. Cancel safe.
    pub async fn end(&self) {
        poll_fn(|context| {
            if self.has_ended.get() {
                return Poll::Ready(());
            }
            let mut waker = self.waker.borrow_mut();
            if !waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
                *waker = Some(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    fn set_ended(&self) {
        self.has_ended.set(true);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// Stands for a request that is being handled, however long that takes.
const BUSY: u64 = u64::MAX;

/// Measures since when a connection is idle or stalled.
#[derive(Debug)]
pub struct Activity {
    began: Instant,
    /// Milliseconds from `began` to the last progress; or [`BUSY`].
    paused_at: AtomicU64,
    /// Whether a request has arrived in part.
    is_reading: AtomicBool,
    /// Whether a response waits for the client to read it.
    is_writing: AtomicBool,
}

impl Activity {
    /// Creates the state of a new connection, which awaits its first request.
    fn new() -> Self {
        let (paused_at, is_reading, is_writing) = (AtomicU64::new(0), AtomicBool::new(true), AtomicBool::new(false));
        Self { began: Instant::now(), paused_at, is_reading, is_writing }
    }

    /// Records that a request has arrived.
    pub fn begin(&self) {
        self.paused_at.store(BUSY, Relaxed);
        self.is_reading.store(false, Relaxed);
    }

    /// Records that the response is complete.
    pub fn end(&self) {
        self.paused_at.store(self.now(Instant::now()), Relaxed);
    }

    /// Whether the connection was idle for `idle`, or a partial request or response made no progress for `pause`.
    /// Returns `true` once per connection.
    pub fn is_over(&self, now: Instant, pause: Duration, idle: Duration) -> bool {
        let paused_at = self.paused_at.load(Relaxed);
        let is_halfway = self.is_reading.load(Relaxed) || self.is_writing.load(Relaxed);
        let limit = u64::try_from(if is_halfway { pause } else { idle }.as_millis()).unwrap_or(BUSY);
        // A request that arrives at this moment is lost: its client was too late.
        self.now(now) >= paused_at.saturating_add(limit)
            && self.paused_at.compare_exchange(paused_at, BUSY, Relaxed, Relaxed).is_ok()
    }

    /// Records that bytes were received.
    fn on_input(&self) {
        if self.paused_at.load(Relaxed) != BUSY && !self.is_reading.swap(true, Relaxed) {
            self.end();
        }
    }

    /// Records whether sent bytes wait for the client to read them.
    fn on_output(&self, waits: bool) {
        // Written rarely, as most responses are sent at once.
        if self.is_writing.load(Relaxed) != waits {
            self.is_writing.store(waits, Relaxed);
        }
    }

    fn now(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.began).as_millis()).unwrap_or(BUSY - 1)
    }
}

/// A connection whose traffic is observed.
#[derive(Debug)]
pub struct Watched<T> {
    io: T,
    pub input: Rc<ClientInput>,
    pub activity: Arc<Activity>,
}

impl<T> Watched<T> {
    pub fn new(io: T) -> Self {
        Self { io, input: Rc::default(), activity: Arc::new(Activity::new()) }
    }

    pub fn get_ref(&self) -> &T {
        &self.io
    }
}

impl<T: AsyncRead + Unpin> Watched<T> {
    /// Reads and discards all input up to its end.
    fn poll_discard(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut scratch = [0; 1024];
        loop {
            let mut buffer = ReadBuf::new(&mut scratch);
            ready!(Pin::new(&mut self.io).poll_read(context, &mut buffer))?;
            let length = buffer.filled().len();
            let discarded = self.input.discarded.get() + length;
            self.input.discarded.set(discarded);
            if length == 0 || discarded > MAX_DISCARDED {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Watched<T> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = if this.input.is_discarded.get() {
            ready!(this.poll_discard(context))
        } else {
            ready!(Pin::new(&mut this.io).poll_read(context, buffer))
        };
        if buffer.filled().len() > before {
            this.activity.on_input();
        } else {
            // After an error there is no more input.
            this.input.set_ended();
        }
        Poll::Ready(read)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Watched<T> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.io).poll_write(context, bytes);
        if written.is_pending() {
            this.activity.on_output(true);
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The dispatcher flushes when it has written all that it had.
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.io).poll_flush(context);
        this.activity.on_output(flushed.is_pending());
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    #[tokio::test]
    async fn the_end_of_the_input_is_known_once_it_is_read() {
        let (mut client, server) = duplex(64);
        let mut watched = Watched::new(server);
        let input = Rc::clone(&watched.input);
        client.write_all(b"one").await.unwrap();
        assert_eq!(watched.read(&mut [0; 8]).await.unwrap(), 3);
        assert!(input.end().now_or_never().is_none());
        drop(client);
        assert_eq!(watched.read(&mut [0; 8]).await.unwrap(), 0);
        assert!(input.end().now_or_never().is_some());
    }

    #[tokio::test]
    async fn what_is_discarded_is_not_seen_but_its_end_is() {
        let (mut client, server) = duplex(1 << 20);
        let mut watched = Watched::new(server);
        let input = Rc::clone(&watched.input);
        input.discard();
        client.write_all(&vec![0; MAX_DISCARDED]).await.unwrap();
        assert!(watched.read(&mut [0; 8]).now_or_never().is_none() && input.end().now_or_never().is_none());
        // Whoever sends on and on is not listened to for ever.
        client.write_all(b"x").await.unwrap();
        assert_eq!(watched.read(&mut [0; 8]).await.unwrap(), 0);
        assert!(input.end().now_or_never().is_some());
    }

    const PAUSE: Duration = Duration::from_secs(6);
    const IDLE: Duration = Duration::from_secs(80);

    /// Returns the seconds after which the connection is closed; `None` if it stays open.
    fn ends(activity: &Activity) -> Option<u64> {
        let now = Instant::now();
        (0..100).find(|seconds| activity.is_over(now + Duration::from_secs(*seconds), PAUSE, IDLE))
    }

    #[tokio::test]
    async fn a_connection_that_waits_has_longer_than_one_that_is_halfway() {
        let (mut client, server) = duplex(8);
        let mut watched = Watched::new(server);
        let activity = Arc::clone(&watched.activity);
        assert_eq!(ends(&activity), Some(6), "no request came");
        assert_eq!(ends(&activity), None, "told once");
        activity.begin();
        assert_eq!(ends(&activity), None, "however long it takes");
        activity.end();
        watched.write_all(b"answer").await.unwrap();
        watched.flush().await.unwrap();
        activity.end();
        client.write_all(b"x").await.unwrap();
        watched.read_u8().await.unwrap();
        assert_eq!(ends(&activity), Some(6), "half a request");
        activity.begin();
        activity.end();
        assert!(watched.write_all(b"too much").now_or_never().is_none());
        assert_eq!(ends(&activity), Some(6), "half an answer");
        activity.begin();
        activity.end();
        client.read_exact(&mut [0; 8]).await.unwrap();
        watched.flush().await.unwrap();
        assert_eq!(ends(&activity), Some(80), "nothing");
    }
}
