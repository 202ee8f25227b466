//! Rate limits in a sliding window.

use crate::{Timestamp, id::UserId};
use chrono::TimeDelta;
use std::{
    collections::VecDeque,
    fmt,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    time::Duration,
};

/// The number of requests ("hits") that are allowed in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Maximum number of hits in any window, wherever it begins.
    pub limit: NonZeroU32,
    pub window_seconds: NonZeroU32,
}

impl Quota {
    pub fn window(self) -> Duration {
        Duration::from_secs(self.window_seconds.get().into())
    }

    /// The beginning of the window that ends at `now`: a hit at this moment or earlier no longer counts.
    pub fn begin(self, now: Timestamp) -> Timestamp {
        now - TimeDelta::seconds(self.window_seconds.get().into())
    }

    /// The latest moment of a hit that counts at `now`. Clocks of several nodes may differ by this much; a later time
    /// was written by a clock that has been set back since.
    pub fn end(self, now: Timestamp) -> Timestamp {
        now + TimeDelta::seconds(self.window_seconds.get().into())
    }

    /// Decides on a hit at `now`, given the `counted` hits in its window, the oldest first.
    pub fn status(self, counted: &[Timestamp], now: Timestamp) -> RateLimitStatus {
        let counts = u32::try_from(counted.len()).unwrap_or(u32::MAX);
        let remaining = self.limit.get().saturating_sub(counts);
        // After the limit was lowered, more than one hit has to leave the window.
        let next = counted.get(counts.saturating_sub(self.limit.get()) as usize);
        let age = next.map_or(TimeDelta::zero(), |next| now - next);
        RateLimitStatus {
            is_allowed: remaining > 0,
            remaining: remaining.saturating_sub(1),
            // Another node's clock may be ahead, so that a hit is in the future.
            more_after: self.window().saturating_sub(age.to_std().unwrap_or_default()),
        }
    }
}

/// The network that an address is counted by: an IPv4 address, or the /64 of an IPv6 address, as a client usually
/// controls all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(v4) => v4.fmt(f),
            IpAddr::V6(v6) => write!(f, "{v6}/64"),
        }
    }
}

/// The client that hits are counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An authenticated user, from any address.
    User(UserId),
    /// All unauthenticated clients of a network.
    Network(Network),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Network(network) => write!(f, "network:{network}"),
        }
    }
}

/// The state of a client's limit after a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimitStatus {
    /// Whether the hit was within the limit and is counted. A refused hit isn't counted.
    pub is_allowed: bool,
    /// The number of further hits that are allowed now.
    pub remaining: u32,
    /// The time until the next hit leaves the window. Never longer than the window.
    pub more_after: Duration,
}

impl RateLimitStatus {
    /// [`more_after`](Self::more_after) in whole seconds, rounded up, 1 at least.
    pub fn more_after_seconds(&self) -> u64 {
        (self.more_after.as_secs() + u64::from(self.more_after.subsec_nanos() > 0)).max(1)
    }
}

/// The number of parts of a window. Hits within one part can be merged.
pub const PARTS: u64 = 63;

/// Maximum number of runs in a window.
pub const MAX_RUNS: usize = 64;

// @spec SPEC-007
/// A sliding-window log of one subject's hits, in which hits in quick succession are merged to one run.
///
/// A run accepts further hits until it is a 63rd part of the window long, and counts until its last hit is as old as
/// the window. So no window has more hits than the limit, and there are never more than [`MAX_RUNS`] runs of 16 bytes,
/// whatever the limit. The cost: of hits closer to each other than that part of the window, the first may count that
/// much longer. Hits further apart count exactly as long as the window.
#[derive(Clone, Debug, Default)]
pub struct SlidingWindow {
    /// The oldest run is first.
    runs: VecDeque<Run>,
    /// The beginning of the newest run.
    begun: u64,
    /// The number of hits in all runs.
    hits: u32,
}

/// Times are microseconds since the caller's epoch.
#[derive(Clone, Copy, Debug)]
struct Run {
    last: u64,
    hits: u32,
}

impl SlidingWindow {
    /// Counts a hit at `now`, unless the limit is reached. `now` is the time since any fixed moment. After the clock
    /// was set back, the newest hit counts as made now, so that no hit counts for longer than a window from now on.
    pub fn hit(&mut self, quota: Quota, now: Duration) -> RateLimitStatus {
        let window = micros_of(quota.window());
        let now = micros_of(now);
        self.set_back(now);
        while self.runs.front().is_some_and(|run| now - run.last >= window) {
            self.hits -= self.runs.pop_front().map_or(0, |run| run.hits);
        }
        let is_allowed = self.hits < quota.limit.get();
        if is_allowed {
            self.hits += 1;
            match self.runs.back_mut() {
                Some(run) if now - self.begun < window.div_ceil(PARTS) => {
                    run.last = now;
                    run.hits += 1;
                }
                _ => {
                    self.begun = now;
                    self.runs.push_back(Run { last: now, hits: 1 });
                }
            }
        }
        let oldest = self.runs.front().map_or(now, |run| run.last);
        RateLimitStatus {
            is_allowed,
            remaining: quota.limit.get().saturating_sub(self.hits),
            more_after: Duration::from_micros(window - (now - oldest)),
        }
    }

    /// Removes a hit that was made `age` ago. Does nothing if it no longer counts.
    pub fn remove_hit(&mut self, now: Duration, age: Duration) {
        let now = micros_of(now);
        self.set_back(now);
        let made = now.saturating_sub(micros_of(age));
        // Runs don't overlap: the first one that didn't end before the hit contains it.
        let Some(index) = self.runs.iter().position(|run| run.last >= made) else { return };
        self.hits -= 1;
        self.runs[index].hits -= 1;
        if self.runs[index].hits == 0 {
            self.runs.remove(index);
        }
    }

    fn set_back(&mut self, now: u64) {
        let ahead = self.runs.back().map_or(0, |newest| newest.last.saturating_sub(now));
        if ahead > 0 {
            self.begun = self.begun.saturating_sub(ahead);
            for run in &mut self.runs {
                run.last = run.last.saturating_sub(ahead);
            }
        }
    }

    pub fn runs(&self) -> usize {
        self.runs.len()
    }
}

fn micros_of(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
