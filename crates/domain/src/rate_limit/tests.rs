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

#[test]
fn hits_within_a_part_of_the_window_are_one_run() {
    let (quota, part) = (quota(1_000, 1), SECOND.div_ceil(PARTS));
    for (pause, runs) in [(0, 1), (1, 1), (part - 1, 1), (part, 2), (part + 1, 2)] {
        let mut window = SlidingWindow::default();
        window.hit(quota, micros(5 * SECOND));
        window.hit(quota, micros(5 * SECOND + pause));
        assert_eq!(window.runs(), runs, "{pause}");
    }
    let mut window = SlidingWindow::default();
    for hit in 0..1_000 {
        assert!(window.hit(quota, micros(5 * SECOND + hit * 1_000)).is_allowed);
    }
    assert!((MAX_RUNS - 2..=MAX_RUNS).contains(&window.runs()), "{}", window.runs());
}

#[test]
fn window_reaches_as_far_ahead_as_back() {
    let (quota, now) = (quota(2, 60), Timestamp::from_timestamp_micros(1_767_323_045_678_901).unwrap());
    assert_eq!((quota.end(now) - now, now - quota.begin(now)), (TimeDelta::minutes(1), TimeDelta::minutes(1)));
}

#[test]
fn subject_is_a_user_or_a_network() {
    let network = Network::from(IpAddr::from([203, 0, 113, 7]));
    let subjects = [Subject::User(UserId::new(7)), Subject::Network(network)];
    assert_eq!(subjects.map(|subject| subject.to_string()), ["user:7", "network:203.0.113.7"]);
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
    /// The window is compared with a log of every hit.
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
