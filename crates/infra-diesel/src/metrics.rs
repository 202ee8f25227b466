//! Metrics of the database's use. They need a recorder of the crate `metrics`.

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use std::time::Instant;

/// Why work failed that may succeed later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The queue is full.
    QueueFull,
    /// There was no connection, or it broke.
    Connection,
    /// A lock or a statement took too long, or there was a deadlock.
    Lock,
    /// The disk is full, or fails.
    Disk,
    /// The server is read-only: after a failover another one is the primary.
    ReadOnly,
    /// The schema is not the one that this program needs.
    Schema,
}

impl Refusal {
    const ALL: [Self; 6] = [Self::QueueFull, Self::Connection, Self::Lock, Self::Disk, Self::ReadOnly, Self::Schema];

    const fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::Connection => "connection",
            Self::Lock => "lock",
            Self::Disk => "disk",
            Self::ReadOnly => "read_only",
            Self::Schema => "schema",
        }
    }

    pub(crate) fn count(self) {
        counter!("fasttrack_database_refused_total", "reason" => self.as_str()).increment(1);
    }

    /// Registers the counters, at 0.
    pub(crate) fn register() {
        for refusal in Self::ALL {
            counter!(
                description: "Work on the database that was refused and may succeed later.",
                "fasttrack_database_refused_total",
                "reason" => refusal.as_str()
            )
            .increment(0);
        }
    }
}

/// The thread that writes to SQLite.
pub(crate) struct WriterMeter {
    /// How many units wait.
    pub(crate) queue: Gauge,
    group: Histogram,
    commit: Histogram,
    failures: Counter,
}

impl WriterMeter {
    /// Registers the metrics.
    pub(crate) fn new(queue_limit: u32) -> Self {
        Refusal::register();
        gauge!(
            description: "Units of work that may wait for the thread that writes.",
            "fasttrack_sqlite_writer_queue_limit"
        )
        .set(queue_limit);
        Self {
            queue: gauge!(
                description: "Units of work that wait for the thread that writes.",
                "fasttrack_sqlite_writer_queue_length"
            ),
            group: histogram!(
                description: "Units of work that shared a commit.",
                "fasttrack_sqlite_commit_units"
            ),
            commit: histogram!(
                description: "Time from the beginning of a transaction until its commit is on disk.",
                "fasttrack_sqlite_commit_duration_seconds"
            ),
            failures: counter!(
                description: "Commits that failed, with all units in them.",
                "fasttrack_sqlite_commit_failures_total"
            ),
        }
    }

    /// Records a group of `units`, whose transaction began at `begun` and has ended.
    pub(crate) fn committed(&self, units: u32, begun: Instant, is_ok: bool) {
        self.group.record(units);
        self.commit.record(begun.elapsed());
        if !is_ok {
            self.failures.increment(1);
        }
    }
}

/// The connections to PostgreSQL.
pub(crate) struct PoolMeter {
    idle: Gauge,
    in_use: Gauge,
    waiting: Gauge,
    wait: Histogram,
    work: Histogram,
}

impl PoolMeter {
    /// Registers the metrics of a pool of at most `limit` connections.
    pub(crate) fn new(limit: u32) -> Self {
        Refusal::register();
        gauge!(
            description: "Connections to PostgreSQL that the pool may hold.",
            "fasttrack_postgres_connections_limit"
        )
        .set(limit);
        let connections = |state| {
            gauge!(
                description: "Connections to PostgreSQL in the pool.",
                "fasttrack_postgres_connections",
                "state" => state
            )
        };
        Self {
            idle: connections("idle"),
            in_use: connections("in_use"),
            waiting: gauge!(
                description: "Units of work that wait for a connection to PostgreSQL.",
                "fasttrack_postgres_waiting"
            ),
            wait: histogram!(
                description: "Time that a unit of work waited for a connection to PostgreSQL.",
                "fasttrack_postgres_wait_duration_seconds"
            ),
            work: histogram!(
                description: "Time that a unit of work held a connection to PostgreSQL.",
                "fasttrack_postgres_work_duration_seconds"
            ),
        }
    }

    /// Records how long a unit of work waited for a connection, whether it got one or not.
    pub(crate) fn waited(&self, since: Instant) {
        self.wait.record(since.elapsed());
    }

    /// Sets the gauges.
    pub(crate) fn set(&self, size: usize, available: usize, waiting: usize) {
        self.idle.set(number(available));
        self.in_use.set(number(size.saturating_sub(available)));
        self.waiting.set(number(waiting));
    }

    /// Measures how long a connection is held, until the value is dropped.
    pub(crate) fn work(&self) -> Work<'_> {
        Work { meter: self, begun: Instant::now() }
    }
}

/// Measures how long a connection is held.
pub(crate) struct Work<'m> {
    meter: &'m PoolMeter,
    begun: Instant,
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        self.meter.work.record(self.begun.elapsed());
    }
}

/// Converts a count for a gauge.
pub(crate) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
