//! A thread pool with a bounded queue.

use metrics::Gauge;
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

/// Runs once, on one of the pool's threads.
pub(super) type Job = Box<dyn FnOnce() + Send>;

#[derive(Debug)]
pub(super) struct Full {
    /// The number of waiting jobs.
    pub(super) waiting: usize,
}

/// Runs jobs. When it is dropped, waiting jobs are finished and the threads end.
pub(super) struct Pool {
    queue: SyncSender<Job>,
    waiting: Arc<AtomicUsize>,
    gauge: Gauge,
}

impl Pool {
    /// Starts `threads` threads for a queue of at most `capacity` waiting jobs. The gauge shows their number.
    pub(super) fn start(threads: usize, capacity: usize, gauge: Gauge) -> io::Result<Self> {
        let (queue, jobs) = sync_channel(capacity);
        let jobs = Arc::new(Mutex::new(jobs));
        let waiting = Arc::new(AtomicUsize::new(0));
        for number in 0..threads {
            let (jobs, waiting, gauge) = (Arc::clone(&jobs), Arc::clone(&waiting), gauge.clone());
            thread::Builder::new().name(format!("password-{number}")).spawn(move || work(&jobs, &waiting, &gauge))?;
        }
        Ok(Self { queue, waiting, gauge })
    }

    /// Queues a job, or returns [`Full`] at once.
    pub(super) fn submit(&self, job: Job) -> Result<(), Full> {
        // The job is counted before a thread can take it, so that the count never falls below zero.
        let waiting = self.waiting.fetch_add(1, Ordering::Relaxed);
        self.gauge.increment(1);
        self.queue.try_send(job).map_err(|_| {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            self.gauge.decrement(1);
            Full { waiting }
        })
    }
}

fn work(jobs: &Mutex<Receiver<Job>>, waiting: &AtomicUsize, gauge: &Gauge) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        waiting.fetch_sub(1, Ordering::Relaxed);
        gauge.decrement(1);
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!("a job of the password pool panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc::channel, time::Duration};

    const SOON: Duration = Duration::from_secs(20);

    #[test]
    fn full_queue_refuses_until_there_is_room() {
        let pool = Pool::start(1, 1, Gauge::noop()).unwrap();
        let (begun, begins) = channel();
        let (release, held) = channel::<()>();
        pool.submit(Box::new(move || {
            begun.send(()).unwrap();
            let _ = held.recv();
        }))
        .unwrap();
        begins.recv_timeout(SOON).unwrap();

        let (done, finished) = channel();
        pool.submit(Box::new(move || done.send(()).unwrap())).unwrap();
        let full = pool.submit(Box::new(|| unreachable!("refused"))).unwrap_err();
        assert_eq!(full.waiting, 1);

        drop(release);
        finished.recv_timeout(SOON).unwrap();
        let (done, finished) = channel();
        pool.submit(Box::new(move || done.send(()).unwrap())).unwrap();
        finished.recv_timeout(SOON).unwrap();
    }

    #[test]
    fn a_panicking_job_takes_no_thread_with_it() {
        let pool = Pool::start(1, 2, Gauge::noop()).unwrap();
        pool.submit(Box::new(|| panic!("on purpose"))).unwrap();
        let (done, finished) = channel();
        pool.submit(Box::new(move || done.send(()).unwrap())).unwrap();
        finished.recv_timeout(SOON).unwrap();
    }

    #[test]
    fn threads_end_when_the_pool_is_dropped() {
        let pool = Pool::start(3, 1, Gauge::noop()).unwrap();
        let alive = Arc::downgrade(&pool.waiting);
        drop(pool);
        let begin = std::time::Instant::now();
        while alive.strong_count() > 0 {
            assert!(begin.elapsed() < SOON, "a thread is still there");
            thread::yield_now();
        }
    }
}
