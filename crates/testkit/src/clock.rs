//! A clock that tests set.

use chrono::TimeDelta;
use fasttrack_domain::{Timestamp, ports::clock::Clock};
use std::sync::atomic::{AtomicI64, Ordering};

// @norm NORM-TEST-001
/// A clock that moves only when a test sets it. Holds microseconds since the epoch, as [`Clock`] promises no more.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// Starts at `now`, cut to microseconds.
    pub const fn new(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.timestamp_micros()))
    }

    /// Sets the time, which may be earlier.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.timestamp_micros(), Ordering::Relaxed);
    }

    /// Moves the time forward, or back by a negative span.
    pub fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_microseconds().unwrap(), Ordering::Relaxed);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_timestamp_micros(self.0.load(Ordering::Relaxed)).unwrap()
    }
}
