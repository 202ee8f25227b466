use chrono::SubsecRound;
use fasttrack_domain::{Timestamp, ports::clock::Clock};
use std::time::SystemTime;

/// Reads the system clock, truncated to microseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

// @norm NORM-ARCH-002
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter that time comes in through")]
    fn now(&self) -> Timestamp {
        Timestamp::from(SystemTime::now()).trunc_subsecs(6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_has_whole_microseconds_and_does_not_stand_still() {
        let begin = SystemClock.now();
        assert_eq!(begin.timestamp_subsec_nanos() % 1_000, 0);
        assert!(begin.timestamp() > 1_700_000_000, "{begin}");
        while SystemClock.now() <= begin {
            std::thread::yield_now();
        }
    }
}
