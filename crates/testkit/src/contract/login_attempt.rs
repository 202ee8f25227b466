//! Attempts to log in: [`LoginAttempts`] alone.

use super::simultaneously;
use crate::builders::MOMENT;
use chrono::TimeDelta;
use fasttrack_domain::{
    Timestamp,
    id::LoginAttemptId,
    ports::rate_limit::{LoginAttempt, LoginAttempts},
    rate_limit::{Network, Quota, RateLimitStatus},
};
use std::{net::IpAddr, num::NonZeroU32, time::Duration};

contract! { $
    login_attempt { login_attempts: LoginAttempts }
    attempts_count_until_the_window_has_passed,
    a_forgiven_attempt_does_not_count,
    networks_are_counted_separately,
    simultaneous_attempts_do_not_exceed_the_quota,
    attempts_outside_the_given_span_are_deleted,
    attempts_of_a_clock_set_back_do_not_lock_out,
}

fn quota(limit: u32) -> Quota {
    Quota { limit: NonZeroU32::new(limit).unwrap(), window_seconds: NonZeroU32::new(60).unwrap() }
}

fn network(address: &str) -> Network {
    address.parse::<IpAddr>().unwrap().into()
}

fn here() -> Network {
    network("203.0.113.7")
}

fn seconds(seconds: i64) -> Timestamp {
    MOMENT + TimeDelta::seconds(seconds)
}

impl Ports {
    async fn attempt(&self, from: Network, limit: u32, at: Timestamp) -> LoginAttempt {
        self.login_attempts.begin(from, quota(limit), at).await.unwrap()
    }
}

/// The window ends to the microsecond. Refused attempts do not count.
async fn attempts_count_until_the_window_has_passed(ports: &Ports) {
    let status = |is_allowed, remaining, more_after| RateLimitStatus {
        is_allowed,
        remaining,
        more_after: Duration::from_secs(more_after),
    };
    for (at, remaining, more_after) in [(0, 2, 60), (10, 1, 50), (20, 0, 40)] {
        let attempt = ports.attempt(here(), 3, seconds(at)).await;
        assert!(attempt.id.is_some());
        assert_eq!(attempt.status, status(true, remaining, more_after));
    }
    let refused = LoginAttempt { id: None, status: status(false, 0, 30) };
    assert_eq!(ports.attempt(here(), 3, seconds(30)).await, refused);
    let almost = seconds(60) - TimeDelta::microseconds(1);
    assert_eq!(ports.attempt(here(), 3, almost).await.id, None);
    // Those that were refused don't count.
    let attempt = ports.attempt(here(), 3, seconds(60)).await;
    assert!(attempt.id.is_some());
    assert_eq!(attempt.status, status(true, 0, 10));
}

async fn a_forgiven_attempt_does_not_count(ports: &Ports) {
    ports.attempt(here(), 2, seconds(0)).await;
    let second = ports.attempt(here(), 2, seconds(1)).await;
    assert_eq!(ports.attempt(here(), 2, seconds(2)).await.id, None);
    for _ in 0..2 {
        ports.login_attempts.forgive(second.id.unwrap()).await.unwrap();
    }
    ports.login_attempts.forgive(LoginAttemptId::new(i64::MAX)).await.unwrap();
    let third = ports.attempt(here(), 2, seconds(3)).await;
    assert_eq!((third.id.is_some(), third.status.more_after), (true, Duration::from_secs(57)));
    assert_eq!(ports.attempt(here(), 2, seconds(3)).await.id, None);
}

/// An IPv4 address or an IPv6 /64 is a network.
async fn networks_are_counted_separately(ports: &Ports) {
    for (address, is_counted) in [
        ("203.0.113.7", true),
        ("203.0.113.8", true),
        ("::ffff:203.0.113.7", false),
        ("2001:db8:1:2::1", true),
        ("2001:db8:1:2:ffff::1", false),
        ("2001:db8:1:3::1", true),
    ] {
        assert_eq!(ports.attempt(network(address), 1, MOMENT).await.id.is_some(), is_counted, "{address}");
    }
}

async fn simultaneous_attempts_do_not_exceed_the_quota(ports: &Ports) {
    let attempts = simultaneously(20, |_| {
        let ports = ports.clone();
        async move { ports.attempt(here(), 5, MOMENT).await }
    })
    .await;
    assert_eq!(attempts.iter().filter(|attempt| attempt.id.is_some()).count(), 5);
    for attempt in attempts {
        assert_eq!(attempt.status.is_allowed, attempt.id.is_some());
    }
    assert_eq!(ports.attempt(here(), 5, MOMENT).await.id, None);
}

async fn attempts_outside_the_given_span_are_deleted(ports: &Ports) {
    ports.attempt(here(), 5, seconds(0)).await;
    ports.attempt(here(), 5, seconds(1)).await;
    ports.attempt(here(), 5, seconds(7200)).await;
    let delete = async |begin, end| ports.login_attempts.delete_outside(begin, end).await.unwrap();
    assert_eq!(delete(seconds(0) - TimeDelta::microseconds(1), seconds(7200)).await, 0);
    assert_eq!(delete(seconds(0), seconds(7200)).await, 1);
    assert_eq!(delete(seconds(0), seconds(7200) - TimeDelta::microseconds(1)).await, 1);
    assert_eq!(ports.attempt(here(), 2, seconds(2)).await.status.remaining, 0);
}

/// A clock was hours ahead and is right again. Clocks of several nodes may differ a little.
async fn attempts_of_a_clock_set_back_do_not_lock_out(ports: &Ports) {
    for _ in 0..2 {
        ports.attempt(here(), 2, seconds(3 * 3600)).await;
    }
    for remaining in [1, 0] {
        let attempt = ports.attempt(here(), 2, seconds(0)).await;
        assert_eq!((attempt.id.is_some(), attempt.status.remaining), (true, remaining));
    }
    assert_eq!(ports.attempt(here(), 2, seconds(1)).await.id, None);
    // Another node's clock is half a minute ahead.
    for _ in 0..2 {
        ports.attempt(network("203.0.113.8"), 2, seconds(30)).await;
    }
    let refused = ports.attempt(network("203.0.113.8"), 2, seconds(0)).await;
    assert_eq!((refused.id, refused.status.more_after), (None, Duration::from_secs(60)));
}
