//! When a failed delivery is tried again.

use crate::{Timestamp, field::Invalid, id::DeliveryId};
use chrono::TimeDelta;
use std::{fmt, str::FromStr, time::Duration};

/// The longest time for which a receiver can put off the next attempt.
pub const MAX_RETRY_AFTER: TimeDelta = TimeDelta::hours(24);

/// The pauses after the first, second … failed attempt. After as many retries a delivery has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetrySchedule(Vec<Duration>);

/// What the receiver sent as `Retry-After` (RFC 9110 section 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// From the answer on.
    Delay(Duration),
    At(Timestamp),
}

impl RetryAfter {
    /// The earliest time of the next attempt, for an answer at `now`; at most [`MAX_RETRY_AFTER`] later.
    pub fn earliest(self, now: Timestamp) -> Timestamp {
        let latest = now + MAX_RETRY_AFTER;
        match self {
            Self::Delay(delay) => TimeDelta::from_std(delay).map_or(latest, |delay| now + delay.min(MAX_RETRY_AFTER)),
            Self::At(at) => at.clamp(now, latest),
        }
    }
}

impl RetrySchedule {
    /// The most pauses.
    pub const MAX: usize = 20;

    /// The longest pause.
    pub const MAX_PAUSE: Duration = Duration::from_secs(86_400);

    /// Accepts 1 to [`Self::MAX`] pauses, each longer than nothing and at most [`Self::MAX_PAUSE`].
    pub fn new(pauses: Vec<Duration>) -> Result<Self, Invalid> {
        let are_in_bounds = pauses.iter().all(|pause| !pause.is_zero() && *pause <= Self::MAX_PAUSE);
        if are_in_bounds && (1..=Self::MAX).contains(&pauses.len()) {
            Ok(Self(pauses))
        } else {
            let message = "must be 1 to 20 numbers of seconds between commas, each above 0 and at most 86400";
            Err(Invalid::new("invalid", message))
        }
    }

    /// The time of the next attempt after one failed at `now`, as the `failures`-th in a row; `None` after the last one.
    ///
    /// Up to a fifth is added to the pause or taken from it as jitter, different for each delivery and attempt, so that
    /// deliveries that failed together are not retried together. It is never before `retry_after`.
    pub fn next_attempt(
        &self,
        id: DeliveryId,
        failures: u32,
        now: Timestamp,
        retry_after: Option<RetryAfter>,
    ) -> Option<Timestamp> {
        let place = usize::try_from(failures.checked_sub(1)?).ok()?;
        let pause = *self.0.get(place)?;
        let pause = pause * 4 / 5 + pause * 2 / 5 / 255 * jitter(id, failures);
        let scheduled = now + TimeDelta::from_std(pause).unwrap_or(MAX_RETRY_AFTER);
        Some(retry_after.map_or(scheduled, |after| scheduled.max(after.earliest(now))))
    }
}

impl Default for RetrySchedule {
    /// The default covers about 28 hours.
    fn default() -> Self {
        Self([5, 300, 1_800, 7_200, 18_000, 36_000, 36_000].map(Duration::from_secs).to_vec())
    }
}

impl FromStr for RetrySchedule {
    type Err = Invalid;

    /// Parses numbers of seconds with commas between them. They may have a fraction.
    fn from_str(raw: &str) -> Result<Self, Invalid> {
        // What is no number becomes zero, which `new` refuses.
        Self::new(raw.split(',').map(|pause| pause_of(pause.trim()).unwrap_or_default()).collect())
    }
}

impl fmt::Display for RetrySchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, pause) in self.0.iter().enumerate() {
            let separator = if place == 0 { "" } else { "," };
            write!(f, "{separator}{}", pause.as_secs_f64())?;
        }
        Ok(())
    }
}

/// Parses a number of seconds in decimal digits, with a point or without.
fn pause_of(raw: &str) -> Option<Duration> {
    let is_decimal = raw.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    raw.parse::<f64>().ok().filter(|_| is_decimal).and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
}

/// A pseudo-random number from 0 to 255, fixed for the delivery and the number of its failures.
fn jitter(id: DeliveryId, failures: u32) -> u32 {
    // The multiplier of Fibonacci hashing spreads neighbouring seeds; the high bits are the most random.
    let seed = id.get().unsigned_abs().wrapping_mul(31).wrapping_add(u64::from(failures));
    u32::try_from(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_reaches_a_fifth_on_either_side() {
        let (schedule, now) = (RetrySchedule::new(vec![Duration::from_secs(1_000)]).unwrap(), Timestamp::UNIX_EPOCH);
        let next = |id| schedule.next_attempt(DeliveryId::new(id), 1, now, None);
        let times: Vec<_> = (1..=1_000).filter_map(next).collect();
        let at = |seconds| now + TimeDelta::seconds(seconds);
        assert!(times.iter().any(|time| *time < at(810)) && times.iter().any(|time| *time > at(1_190)));
    }
}
