//! Rate limits: how much somebody may ask for in a span of time that slides.

use crate::{Timestamp, id::UserId};
use chrono::TimeDelta;
use std::{
    collections::VecDeque,
    fmt,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    time::Duration,
};

/// How many hits a window has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Hits in any window.
    pub limit: NonZeroU32,
    /// How long a hit counts, in seconds.
    pub window_seconds: NonZeroU32,
}

impl Quota {
    /// How long a hit counts.
    pub fn window(self) -> Duration {
        Duration::from_secs(self.window_seconds.get().into())
    }

    /// When a hit was made that counts no longer at `now`. Any later one does.
    pub fn begin(self, now: Timestamp) -> Timestamp {
        now - TimeDelta::seconds(self.window_seconds.get().into())
    }

    /// The latest moment of a hit that counts at `now`. Clocks of several nodes may differ by so much; what claims to be
    /// made later was written by a clock that has been set back since.
    pub fn end(self, now: Timestamp) -> Timestamp {
        now + TimeDelta::seconds(self.window_seconds.get().into())
    }

    /// What comes of a hit at `now`, where `counted` are those of its window, the oldest first.
    pub fn judge(self, counted: &[Timestamp], now: Timestamp) -> Standing {
        let counts = u32::try_from(counted.len()).unwrap_or(u32::MAX);
        let remaining = self.limit.get().saturating_sub(counts);
        // Where the limit was lowered, more than one has to go.
        let next = counted.get(counts.saturating_sub(self.limit.get()) as usize);
        let age = next.map_or(TimeDelta::zero(), |next| now - next);
        Standing {
            is_allowed: remaining > 0,
            remaining: remaining.saturating_sub(1),
            // Other nodes' clocks may be ahead.
            more_after: self.window().saturating_sub(age.to_std().unwrap_or_default()),
        }
    }
}

/// An address as limits count it: an IPv4 address, or the /64 of an IPv6 address, as whoever has one of these has all
/// of it.
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

/// Who is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Wherever they ask from.
    User(UserId),
    /// Whoever asks from there.
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

/// What came of a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether it was within the limit, and counts from now on. One that was refused doesn't count.
    pub is_allowed: bool,
    /// Further hits that there is room for now.
    pub remaining: u32,
    /// Until there is more room, as a hit that counts no longer does. Never more than the window.
    pub more_after: Duration,
}

impl Standing {
    /// Whole seconds after which there is certainly more room, 1 at least.
    pub fn more_after_seconds(&self) -> u64 {
        (self.more_after.as_secs() + u64::from(self.more_after.subsec_nanos() > 0)).max(1)
    }
}

/// Into how many parts a window is divided by which hits are counted together.
pub const PARTS: u64 = 63;

/// Most runs that a window has.
pub const MAX_RUNS: usize = 64;

// @spec SPEC-007
/// The hits of one subject, as a log in which those that follow each other at once are one run.
///
/// A run counts until its last hit is as old as the window; it takes in further hits until it is a 63rd part of the window
/// long. So there are never more hits within any window than the limit, and never more than [`MAX_RUNS`] runs, at 16
/// bytes each, whatever the limit. The price: of hits nearer to each other than that part of the window, the first may
/// count so much longer. Hits further apart count exactly as long as they should.
#[derive(Clone, Debug, Default)]
pub struct SlidingWindow {
    /// The oldest first.
    runs: VecDeque<Run>,
    /// When the newest run began.
    begun: u64,
    /// Of all runs.
    hits: u32,
}

/// Moments are microseconds since whenever the caller's clock begins.
#[derive(Clone, Copy, Debug)]
struct Run {
    last: u64,
    hits: u32,
}

impl SlidingWindow {
    /// Counts a hit at `now`, unless there is no room for it. `now` is the time since any one moment. Where the clock
    /// was set back, the newest hit counts as made now, so that none counts for longer than a window from now on.
    pub fn hit(&mut self, quota: Quota, now: Duration) -> Standing {
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
        Standing {
            is_allowed,
            remaining: quota.limit.get().saturating_sub(self.hits),
            more_after: Duration::from_micros(window - (now - oldest)),
        }
    }

    /// Takes back a hit that was made `age` ago: it counts no longer. Where it doesn't count any more, nothing changes.
    pub fn take_back(&mut self, now: Duration, age: Duration) {
        let now = micros_of(now);
        self.set_back(now);
        let made = now.saturating_sub(micros_of(age));
        // Runs don't overlap: the first one that didn't end before has it.
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

    /// How many runs there are.
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
            assert_eq!(hit(at), Standing { is_allowed: true, remaining, more_after });
        }
        assert!(!hit(59).is_allowed);
        assert_eq!(hit(60), Standing { is_allowed: true, remaining: 0, more_after: Duration::from_secs(10) });
        assert!(!hit(69).is_allowed);
        assert_eq!(hit(1000), Standing { is_allowed: true, remaining: 2, more_after: Duration::from_mins(1) });
    }

    #[test]
    fn clock_set_back_locks_out_for_one_window_at_most() {
        let (quota, mut window) = (quota(2, 60), SlidingWindow::default());
        let three_hours = 3 * 3600;
        assert!(window.hit(quota, Duration::from_secs(three_hours)).is_allowed);
        assert!(window.hit(quota, Duration::from_secs(three_hours + 30)).is_allowed);
        let standing = window.hit(quota, Duration::from_secs(100));
        assert_eq!(standing, Standing { is_allowed: false, remaining: 0, more_after: Duration::from_secs(30) });
        // The later hit counts as made when the clock was seen to be set back.
        assert!(window.hit(quota, Duration::from_secs(130)).is_allowed);
        assert!(!window.hit(quota, Duration::from_secs(159)).is_allowed);
        assert!(window.hit(quota, Duration::from_secs(160)).is_allowed);
    }

    #[test]
    fn hit_that_is_taken_back_counts_no_longer() {
        let (quota, mut window) = (quota(3, 60), SlidingWindow::default());
        for seconds in [0, 10, 20] {
            assert!(window.hit(quota, Duration::from_secs(seconds)).is_allowed);
        }
        assert!(!window.hit(quota, Duration::from_secs(21)).is_allowed);
        // That of second 10, by a clock that was read a moment before.
        window.take_back(Duration::from_secs(21), Duration::from_millis(11_001));
        let standing = window.hit(quota, Duration::from_secs(22));
        assert_eq!(standing, Standing { is_allowed: true, remaining: 0, more_after: Duration::from_secs(38) });
        assert_eq!(window.hit(quota, Duration::from_mins(1)).more_after, Duration::from_secs(20));
        // What counts no longer can't be taken back.
        window.hit(quota, Duration::from_secs(1000));
        window.take_back(Duration::from_secs(1000), Duration::ZERO);
        window.take_back(Duration::from_secs(1000), Duration::ZERO);
        assert_eq!(window.hit(quota, Duration::from_secs(1001)).remaining, 2);
    }

    #[test]
    fn seconds_are_rounded_up_and_at_least_one() {
        let seconds = |micros| {
            Standing { is_allowed: true, remaining: 0, more_after: Duration::from_micros(micros) }.more_after_seconds()
        };
        assert_eq!([0, 1, SECOND, SECOND + 1, 60 * SECOND].map(seconds), [1, 1, 1, 2, 60]);
    }

    #[test]
    fn an_address_is_counted_by_what_its_owner_has_of_it() {
        let network = |address: &str| Network::from(address.parse::<IpAddr>().unwrap()).to_string();
        assert_eq!(network("203.0.113.7"), "203.0.113.7");
        assert_eq!(network("::ffff:203.0.113.7"), "203.0.113.7");
        for of_one in ["2001:db8:1:2::", "2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"] {
            assert_eq!(network(of_one), "2001:db8:1:2::/64");
        }
        assert_eq!(network("2001:db8:1:3::1"), "2001:db8:1:3::/64");
    }

    #[test]
    fn what_is_counted_elsewhere_is_judged_alike() {
        let (quota, now) = (quota(2, 60), Timestamp::from_timestamp_micros(1_767_323_045_678_901).unwrap());
        let ago = |seconds| now - TimeDelta::seconds(seconds);
        let standing = |is_allowed, remaining, more_after| Standing {
            is_allowed,
            remaining,
            more_after: Duration::from_secs(more_after),
        };
        assert_eq!(quota.judge(&[], now), standing(true, 1, 60));
        assert_eq!(quota.judge(&[ago(59)], now), standing(true, 0, 1));
        assert_eq!(quota.judge(&[ago(50), ago(1)], now), standing(false, 0, 10));
        assert_eq!(quota.judge(&[ago(50), ago(2), ago(1)], now), standing(false, 0, 58));
        assert_eq!(quota.judge(&[ago(-5)], now), standing(true, 0, 60));
        assert_eq!(quota.begin(now), ago(60));
    }

    /// Pauses between hits: mostly short ones, in microseconds.
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
        /// Against a log of every hit.
        #[test]
        fn no_window_has_more_hits_than_the_limit_and_none_is_refused_for_long((quota, pauses) in scenario()) {
            let window = u64::from(quota.window_seconds.get()) * SECOND;
            let part = window.div_ceil(PARTS);
            let (mut sliding, mut log, mut now) = (SlidingWindow::default(), Vec::<u64>::new(), 0);
            for pause in pauses {
                now += pause;
                let within = |span: u64| log.iter().filter(|hit| now - **hit < span).count();
                let (at_least, at_most) = (within(window), within(window + part));
                let limit = quota.limit.get() as usize;
                let standing = sliding.hit(quota, micros(now));
                if standing.is_allowed {
                    prop_assert!(at_least < limit);
                    log.push(now);
                } else {
                    prop_assert!(at_most >= limit);
                }
                prop_assert!(sliding.runs() <= MAX_RUNS);
                prop_assert!(standing.more_after <= quota.window());
                let counted = at_least + usize::from(standing.is_allowed);
                prop_assert!(standing.remaining as usize <= limit - counted);
            }
        }

        #[test]
        fn who_comes_back_when_told_to_is_let_in((quota, pauses) in scenario()) {
            let (mut sliding, mut now) = (SlidingWindow::default(), Duration::ZERO);
            for pause in pauses {
                now += micros(pause);
                let standing = sliding.clone().hit(quota, now);
                if !sliding.hit(quota, now).is_allowed {
                    prop_assert!(sliding.clone().hit(quota, now + standing.more_after).is_allowed);
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
