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
    /// Most hits in any window.
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

/// Most runs of merged hits in a window.
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
    /// Ordered, the oldest first.
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
        while let Some(run) = self.runs.front()
            && now - run.last >= window
        {
            self.hits -= run.hits;
            self.runs.pop_front();
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
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    const SECOND: u64 = 1_000_000;

    fn quota(limit: u32, window_seconds: u32) -> Quota {
        Quota { limit: NonZeroU32::new(limit).unwrap(), window_seconds: NonZeroU32::new(window_seconds).unwrap() }
    }

    fn micros(at: u64) -> Duration {
        Duration::from_micros(at)
    }

    #[test]
    fn the_limit_is_reached_and_slides_away_hit_by_hit() {
        let (quota, mut window) = (quota(3, 60), SlidingWindow::default());
        let mut hit = |seconds| window.hit(quota, Duration::from_secs(seconds));
        for (at, remaining, more_after) in [(0, 2, 60), (10, 1, 50), (59, 0, 1)] {
            let more_after = Duration::from_secs(more_after);
            assert_eq!(hit(at), RateLimitStatus { is_allowed: true, remaining, more_after });
        }
        assert!(!hit(59).is_allowed);
        assert_eq!(hit(60), RateLimitStatus { is_allowed: true, remaining: 0, more_after: Duration::from_secs(10) });
        assert!(!hit(69).is_allowed);
        assert_eq!(hit(1000), RateLimitStatus { is_allowed: true, remaining: 2, more_after: Duration::from_mins(1) });
    }

    #[test]
    fn clock_set_back_locks_out_for_one_window_at_most() {
        let (quota, mut window) = (quota(2, 60), SlidingWindow::default());
        let three_hours = 3 * 3600;
        assert!(window.hit(quota, Duration::from_secs(three_hours)).is_allowed);
        assert!(window.hit(quota, Duration::from_secs(three_hours + 30)).is_allowed);
        let status = window.hit(quota, Duration::from_secs(100));
        assert_eq!(status, RateLimitStatus { is_allowed: false, remaining: 0, more_after: Duration::from_secs(30) });
        // The later hit counts as made when the clock was seen to be set back.
        assert!(window.hit(quota, Duration::from_secs(130)).is_allowed);
        assert!(!window.hit(quota, Duration::from_secs(159)).is_allowed);
        assert!(window.hit(quota, Duration::from_secs(160)).is_allowed);
    }

    #[test]
    fn removed_hit_no_longer_counts() {
        let (quota, mut window) = (quota(3, 60), SlidingWindow::default());
        for seconds in [0, 10, 20] {
            assert!(window.hit(quota, Duration::from_secs(seconds)).is_allowed);
        }
        assert!(!window.hit(quota, Duration::from_secs(21)).is_allowed);
        // The hit of second 10, by a clock that was read a moment before.
        window.remove_hit(Duration::from_secs(21), Duration::from_millis(11_001));
        let status = window.hit(quota, Duration::from_secs(22));
        assert_eq!(status, RateLimitStatus { is_allowed: true, remaining: 0, more_after: Duration::from_secs(38) });
        assert_eq!(window.hit(quota, Duration::from_mins(1)).more_after, Duration::from_secs(20));
        // A hit that no longer counts can't be removed.
        window.hit(quota, Duration::from_secs(1000));
        window.remove_hit(Duration::from_secs(1000), Duration::ZERO);
        window.remove_hit(Duration::from_secs(1000), Duration::ZERO);
        assert_eq!(window.hit(quota, Duration::from_secs(1001)).remaining, 2);
    }

    #[test]
    fn seconds_are_rounded_up_and_at_least_one() {
        let seconds = |micros| {
            RateLimitStatus { is_allowed: true, remaining: 0, more_after: Duration::from_micros(micros) }
                .more_after_seconds()
        };
        assert_eq!([0, 1, SECOND, SECOND + 1, 60 * SECOND].map(seconds), [1, 1, 1, 2, 60]);
    }

    #[test]
    fn address_is_counted_by_its_network() {
        let network = |address: &str| Network::from(address.parse::<IpAddr>().unwrap()).to_string();
        assert_eq!(network("203.0.113.7"), "203.0.113.7");
        assert_eq!(network("::ffff:203.0.113.7"), "203.0.113.7");
        for of_one in ["2001:db8:1:2::", "2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"] {
            assert_eq!(network(of_one), "2001:db8:1:2::/64");
        }
        assert_eq!(network("2001:db8:1:3::1"), "2001:db8:1:3::/64");
    }

    #[test]
    fn quota_decides_on_counts_of_other_stores() {
        let (quota, now) = (quota(2, 60), Timestamp::from_timestamp_micros(1_767_323_045_678_901).unwrap());
        let ago = |seconds| now - TimeDelta::seconds(seconds);
        let status = |is_allowed, remaining, more_after| RateLimitStatus {
            is_allowed,
            remaining,
            more_after: Duration::from_secs(more_after),
        };
        assert_eq!(quota.status(&[], now), status(true, 1, 60));
        assert_eq!(quota.status(&[ago(59)], now), status(true, 0, 1));
        assert_eq!(quota.status(&[ago(50), ago(1)], now), status(false, 0, 10));
        assert_eq!(quota.status(&[ago(50), ago(2), ago(1)], now), status(false, 0, 58));
        assert_eq!(quota.status(&[ago(-5)], now), status(true, 0, 60));
        assert_eq!(quota.begin(now), ago(60));
    }

    /// Pauses between hits in microseconds, most of them short.
    fn pauses(window: u64) -> impl Strategy<Value = Vec<u64>> {
        let pause = prop_oneof![
            6 => 0..window / 200 + 1,
            2 => 0..window / 20,
            1 => 0..window * 2,
            1 => Just(window),
        ];
        vec(pause, 1..400)
    }

    fn scenario() -> impl Strategy<Value = (Quota, Vec<u64>)> {
        (1..40_u32, 1..4_u32)
            .prop_flat_map(|(limit, seconds)| (Just(quota(limit, seconds)), pauses(u64::from(seconds) * SECOND)))
    }

    proptest! {
        /// Compares with a log of every hit.
        #[test]
        fn no_window_has_more_hits_than_the_limit((quota, pauses) in scenario()) {
            let window = u64::from(quota.window_seconds.get()) * SECOND;
            let part = window.div_ceil(PARTS);
            let (mut sliding, mut log, mut now) = (SlidingWindow::default(), Vec::<u64>::new(), 0);
            for pause in pauses {
                now += pause;
                let within = |span: u64| log.iter().filter(|hit| now - **hit < span).count();
                let (at_least, at_most) = (within(window), within(window + part));
                let limit = quota.limit.get() as usize;
                let status = sliding.hit(quota, micros(now));
                if status.is_allowed {
                    prop_assert!(at_least < limit);
                    log.push(now);
                } else {
                    prop_assert!(at_most >= limit);
                }
                prop_assert!(sliding.runs() <= MAX_RUNS);
                prop_assert!(status.more_after <= quota.window());
                let counted = at_least + usize::from(status.is_allowed);
                prop_assert!(status.remaining as usize <= limit - counted);
            }
        }

        #[test]
        fn hit_after_the_stated_wait_is_allowed((quota, pauses) in scenario()) {
            let (mut sliding, mut now) = (SlidingWindow::default(), Duration::ZERO);
            for pause in pauses {
                now += micros(pause);
                let status = sliding.clone().hit(quota, now);
                if !sliding.hit(quota, now).is_allowed {
                    prop_assert!(sliding.clone().hit(quota, now + status.more_after).is_allowed);
                }
            }
        }

        #[test]
        fn hits_that_are_apart_count_to_the_microsecond(limit in 1..10_u32, pauses in vec(SECOND / 63 + 1..SECOND, 1..200)) {
            let (quota, mut sliding, mut log, mut now) = (quota(limit, 1), SlidingWindow::default(), Vec::new(), 0);
            for pause in pauses {
                now += pause;
                let counted = log.iter().filter(|hit| now - **hit < SECOND).count();
                let is_allowed = sliding.hit(quota, micros(now)).is_allowed;
                prop_assert_eq!(is_allowed, counted < limit as usize);
                if is_allowed {
                    log.push(now);
                }
            }
        }
    }
}
