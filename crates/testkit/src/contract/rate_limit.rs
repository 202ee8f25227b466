//! Rate limits: [`RateLimits`] alone, with a quota of at most 100 requests in a minute or more, so that no window
//! passes during a case.

use super::simultaneously;
use fasttrack_domain::{
    id::UserId,
    ports::rate_limit::RateLimits,
    rate_limit::{Network, Subject},
};
use std::{net::IpAddr, time::Instant};

contract! { $
    rate_limit { limits: RateLimits }
    requests_up_to_the_limit_are_allowed,
    subjects_are_counted_separately,
    simultaneous_requests_do_not_exceed_the_limit,
    a_hit_that_is_taken_back_frees_its_place,
    taking_back_an_unknown_hit_is_no_error,
}

fn user(id: i64) -> Subject {
    Subject::User(UserId::new(id))
}

fn network(address: &str) -> Subject {
    Subject::Network(Network::from(address.parse::<IpAddr>().unwrap()))
}

fn limit(ports: &Ports) -> u32 {
    ports.limits.quota().limit.get()
}

/// Makes requests until one is refused, and returns how many were allowed.
async fn exhaust(ports: &Ports, subject: Subject) -> u32 {
    let mut allowed = 0;
    while ports.limits.hit(subject).await.is_allowed {
        allowed += 1;
    }
    allowed
}

async fn requests_up_to_the_limit_are_allowed(ports: &Ports) {
    let window = ports.limits.quota().window();
    for remaining in (0..limit(ports)).rev() {
        let status = ports.limits.hit(user(1)).await;
        assert_eq!((status.is_allowed, status.remaining), (true, remaining));
        assert!(status.more_after <= window);
    }
    for _ in 0..2 {
        let status = ports.limits.hit(user(1)).await;
        assert_eq!((status.is_allowed, status.remaining), (false, 0));
        assert!(!status.more_after.is_zero() && status.more_after <= window);
    }
}

async fn subjects_are_counted_separately(ports: &Ports) {
    for subject in [user(1), user(2), network("203.0.113.7"), network("2001:db8:1:2::1"), network("2001:db8:1:3::1")] {
        assert_eq!(exhaust(ports, subject).await, limit(ports), "{subject}");
    }
}

async fn simultaneous_requests_do_not_exceed_the_limit(ports: &Ports) {
    let allowed = simultaneously(20, |_| {
        let ports = ports.clone();
        async move { exhaust(&ports, user(1)).await }
    })
    .await;
    assert_eq!(allowed.into_iter().sum::<u32>(), limit(ports));
}

async fn a_hit_that_is_taken_back_frees_its_place(ports: &Ports) {
    let begun = Instant::now();
    exhaust(ports, user(1)).await;
    ports.limits.remove_hit(user(1), begun.elapsed()).await;
    assert_eq!(exhaust(ports, user(1)).await, 1);
}

async fn taking_back_an_unknown_hit_is_no_error(ports: &Ports) {
    let too_long_ago = ports.limits.quota().window() * 2;
    ports.limits.remove_hit(user(1), too_long_ago).await;
    assert_eq!(exhaust(ports, user(1)).await, limit(ports));
    // Those that count were made later.
    ports.limits.remove_hit(user(1), too_long_ago).await;
    assert_eq!(exhaust(ports, user(1)).await, 0);
}
