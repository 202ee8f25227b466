//! A non-blocking, lossy writer for log lines: a thread of its own writes them in batches. While standard error isn't
//! read, lines beyond a bound are dropped and counted. Why it is not `tracing-appender`: ADR 0019.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};
use tracing_subscriber::fmt::MakeWriter;

/// Bytes that may wait to be written: about 4,000 lines.
const CAPACITY: usize = 1024 * 1024;

/// Lines within this time are written together: to wake the thread for each would cost more than the line.
const BATCH_INTERVAL: Duration = Duration::from_millis(5);

// @spec SPEC-017
/// The queue of lines. Clones share it.
#[derive(Clone)]
pub struct Lines(Arc<Shared>);

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<u8>,
    dropped: usize,
    phase: Phase,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Open,
    /// The queue is still to be written.
    Closing,
    Closed,
}

impl Lines {
    /// Starts the thread that writes to `output`. Without one, nothing is logged.
    pub fn start(output: impl Write + Send + 'static) -> Self {
        let lines = Self(Arc::default());
        let writer = lines.clone();
        let thread = thread::Builder::new().name("log".to_owned());
        if let Err(error) = thread.spawn(move || writer.write(output)) {
            eprintln!("warning: nothing is logged, as no thread can be started: {error}");
            lines.lock().phase = Phase::Closed;
        }
        lines
    }

    /// Waits until the queue is written, up to `timeout`. Later lines are dropped.
    pub fn finish(&self, timeout: Duration) {
        let mut queue = self.lock();
        if queue.phase == Phase::Open {
            queue.phase = Phase::Closing;
        }
        self.0.changed.notify_all();
        drop(self.0.changed.wait_timeout_while(queue, timeout, |queue| queue.phase != Phase::Closed));
    }

    fn put(&self, line: &[u8]) {
        let mut queue = self.lock();
        if queue.phase == Phase::Closed || queue.waiting.len() + line.len() > CAPACITY {
            queue.dropped += 1;
            return;
        }
        let is_first = queue.waiting.is_empty();
        append(&mut queue.waiting, line);
        if is_first {
            self.0.changed.notify_all();
        }
    }

    fn write(&self, mut output: impl Write) {
        let mut batch = Vec::new();
        loop {
            let queue = self.lock();
            let idle = |queue: &mut Queue| queue.phase == Phase::Open && queue.waiting.is_empty();
            let queue = self.0.changed.wait_while(queue, idle).unwrap_or_else(PoisonError::into_inner);
            let gathering = |queue: &mut Queue| queue.phase == Phase::Open;
            let gathered = self.0.changed.wait_timeout_while(queue, BATCH_INTERVAL, gathering);
            let (mut queue, _) = gathered.unwrap_or_else(PoisonError::into_inner);
            if queue.waiting.is_empty() {
                queue.phase = Phase::Closed;
                self.0.changed.notify_all();
                return;
            }
            mem::swap(&mut batch, &mut queue.waiting);
            let dropped = mem::take(&mut queue.dropped);
            drop(queue);
            // There is nowhere else to report that standard error can't be written.
            drop(output.write_all(&batch).and_then(|()| output.flush()));
            batch.clear();
            if dropped > 0 {
                tracing::warn!(lines = dropped, "lines were dropped: standard error is not read as fast as they come");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Escapes line breaks within a line: a client that sends one must not forge another line.
fn append(waiting: &mut Vec<u8>, line: &[u8]) {
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    for part in text.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
        let (part, mark): (_, &[u8]) = match part.split_last() {
            Some((b'\n', rest)) => (rest, br"\n"),
            Some((b'\r', rest)) => (rest, br"\r"),
            _ => (part, b""),
        };
        waiting.extend_from_slice(part);
        waiting.extend_from_slice(mark);
    }
    waiting.push(b'\n');
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

/// tracing-subscriber writes a whole line at a time.
impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.put(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

    const TIMEOUT: Duration = Duration::from_secs(10);

    /// Writes one batch for each permit.
    struct Gate {
        permits: Receiver<()>,
        written: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.permits.recv().ok();
            self.written.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn gated() -> (Lines, SyncSender<()>, Arc<Mutex<Vec<u8>>>) {
        let (sender, permits) = sync_channel(100);
        let written = Arc::default();
        (Lines::start(Gate { permits, written: Arc::clone(&written) }), sender, written)
    }

    #[test]
    fn lines_are_written_whole_and_in_order() {
        let (lines, permits, written) = gated();
        drop(permits);
        let numbered: Vec<_> = (0..1000).map(|n| format!("line {n}\n")).collect();
        for line in &numbered {
            lines.put(line.as_bytes());
        }
        lines.finish(TIMEOUT);
        assert_eq!(String::from_utf8(written.lock().unwrap().clone()).unwrap(), numbered.concat());
    }

    #[test]
    fn logging_never_blocks_and_its_queue_is_bounded() {
        let (lines, permits, written) = gated();
        let line = [[b'x'; 1023].as_slice(), b"\n"].concat();
        lines.put(&line);
        // The thread has taken the line, and waits for a permit.
        while !lines.lock().waiting.is_empty() {
            thread::yield_now();
        }
        for _ in 0..3 * CAPACITY / line.len() {
            lines.put(&line);
        }
        let queue = lines.lock();
        let (waiting, dropped) = (queue.waiting.len(), queue.dropped);
        drop(queue);
        assert_eq!((waiting, dropped * line.len()), (CAPACITY, 2 * CAPACITY));
        drop(permits);
        lines.finish(TIMEOUT);
        assert_eq!(written.lock().unwrap().len(), line.len() + CAPACITY);
    }

    #[test]
    fn finish_times_out_where_nobody_reads() {
        let (lines, _permits, written) = gated();
        lines.put(b"unread\n");
        lines.finish(Duration::from_millis(20));
        assert!(written.lock().unwrap().is_empty());
    }

    #[test]
    fn line_break_within_a_line_is_escaped() {
        let mut waiting = Vec::new();
        append(&mut waiting, b"one\nINFO two\r\n\n");
        append(&mut waiting, b"three\n");
        assert_eq!(waiting, b"one\\nINFO two\\r\\n\nthree\n");
    }
}
