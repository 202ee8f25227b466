//! Lines on their way to where they are read. Who logs never waits for that: a thread of its own writes, many lines
//! at once, and while nobody reads, lines are dropped and counted.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};
use tracing_subscriber::fmt::MakeWriter;

/// Bytes that wait at most: some 4,000 lines.
const ROOM: usize = 1024 * 1024;

/// Lines that come within this time are written at once. A thread that is woken for each costs more than the line.
const GATHER: Duration = Duration::from_millis(5);

// @spec SPEC-017
/// Where lines are put. Clones share it.
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
    /// What waits is yet to be written.
    Closing,
    Closed,
}

impl Lines {
    /// Writes to `output`. Where the system gives no thread, nothing is written.
    pub fn start(output: impl Write + Send + 'static) -> Self {
        let lines = Self(Arc::default());
        let writer = lines.clone();
        let thread = thread::Builder::new().name("log".to_owned());
        if let Err(error) = thread.spawn(move || writer.write(output)) {
            eprintln!("warning: nothing is logged, as the system gives no thread for it: {error}");
            lines.lock().phase = Phase::Closed;
        }
        lines
    }

    /// Writes what waits, as long as `patience` allows. What comes later is dropped.
    pub fn finish(&self, patience: Duration) {
        let mut queue = self.lock();
        if queue.phase == Phase::Open {
            queue.phase = Phase::Closing;
        }
        self.0.changed.notify_all();
        drop(self.0.changed.wait_timeout_while(queue, patience, |queue| queue.phase != Phase::Closed));
    }

    fn put(&self, line: &[u8]) {
        let mut queue = self.lock();
        if queue.phase == Phase::Closed || queue.waiting.len() + line.len() > ROOM {
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
            let gathered = self.0.changed.wait_timeout_while(queue, GATHER, gathering);
            let (mut queue, _) = gathered.unwrap_or_else(PoisonError::into_inner);
            if queue.waiting.is_empty() {
                queue.phase = Phase::Closed;
                self.0.changed.notify_all();
                return;
            }
            mem::swap(&mut batch, &mut queue.waiting);
            let dropped = mem::take(&mut queue.dropped);
            drop(queue);
            // There is nobody to tell that nobody can be told.
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

/// One event is one line: a break within is what somebody sent, to make it look like another.
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

/// Takes a whole line at a time, as tracing-subscriber gives it.
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

    const PATIENCE: Duration = Duration::from_secs(10);

    /// Writes one batch when it's allowed to.
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
    fn lines_come_whole_and_in_their_order() {
        let (lines, permits, written) = gated();
        drop(permits);
        let numbered: Vec<_> = (0..1000).map(|n| format!("line {n}\n")).collect();
        for line in &numbered {
            lines.put(line.as_bytes());
        }
        lines.finish(PATIENCE);
        assert_eq!(String::from_utf8(written.lock().unwrap().clone()).unwrap(), numbered.concat());
    }

    #[test]
    fn who_logs_does_not_wait_for_who_reads_and_what_waits_is_bounded() {
        let (lines, permits, written) = gated();
        let line = [[b'x'; 1023].as_slice(), b"\n"].concat();
        lines.put(&line);
        // The thread has taken it, and waits for its reader.
        while !lines.lock().waiting.is_empty() {
            thread::yield_now();
        }
        for _ in 0..3 * ROOM / line.len() {
            lines.put(&line);
        }
        let queue = lines.lock();
        let (waiting, dropped) = (queue.waiting.len(), queue.dropped);
        drop(queue);
        assert_eq!((waiting, dropped * line.len()), (ROOM, 2 * ROOM));
        drop(permits);
        lines.finish(PATIENCE);
        assert_eq!(written.lock().unwrap().len(), line.len() + ROOM);
    }

    #[test]
    fn an_end_does_not_wait_long_for_who_does_not_read() {
        let (lines, _permits, written) = gated();
        lines.put(b"unread\n");
        lines.finish(Duration::from_millis(20));
        assert!(written.lock().unwrap().is_empty());
    }

    #[test]
    fn a_break_within_a_line_begins_no_other() {
        let mut waiting = Vec::new();
        append(&mut waiting, b"one\nINFO two\r\n\n");
        append(&mut waiting, b"three\n");
        assert_eq!(waiting, b"one\\nINFO two\\r\\n\nthree\n");
    }
}
