use super::*;
use std::{
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::time::timeout;

const ANN: UserId = UserId::new(1);
const BOB: UserId = UserId::new(2);

fn post(hub: &Hub, user_id: UserId, seq: i64) {
    hub.post(&[News { user_id, seq }]);
}

/// Polls once for a number.
fn heard(feed: &mut Box<dyn NewsFeed>) -> Option<i64> {
    match pin!(feed.next()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(seq) => Some(seq),
        Poll::Pending => None,
    }
}

#[test]
fn subscriber_receives_the_highest_number_of_its_user() {
    let hub = Hub::default();
    let mut ann = hub.follow(ANN);
    hub.post(&[News { user_id: BOB, seq: 7 }]);
    assert_eq!(heard(&mut ann), None);
    hub.post(&[News { user_id: ANN, seq: 3 }, News { user_id: BOB, seq: 8 }, News { user_id: ANN, seq: 4 }]);
    post(&hub, ANN, 2);
    assert_eq!((heard(&mut ann), heard(&mut ann)), (Some(4), None));
}

#[test]
fn known_numbers_are_not_received_again() {
    let hub = Hub::default();
    let mut first = hub.follow(ANN);
    post(&hub, ANN, 5);
    let mut second = hub.follow(ANN);
    assert_eq!(heard(&mut second), None, "it was posted before");
    assert_eq!(heard(&mut first), Some(5));
    for seq in [5, 4, 5] {
        post(&hub, ANN, seq);
        assert_eq!((heard(&mut first), heard(&mut second)), (None, None));
    }
    post(&hub, ANN, 6);
    assert_eq!((heard(&mut first), heard(&mut second)), (Some(6), Some(6)));
}

#[tokio::test]
async fn waiting_subscriber_wakes_and_cancelled_wait_loses_nothing() {
    let hub = Arc::new(Hub::default());
    let mut feed = hub.follow(ANN);
    for seq in 1..=100 {
        assert!(timeout(Duration::ZERO, feed.next()).await.is_err());
        let poster = tokio::spawn({
            let hub = Arc::clone(&hub);
            async move { post(&hub, ANN, seq) }
        });
        if seq % 2 == 0 {
            poster.await.unwrap();
        }
        assert_eq!(timeout(Duration::from_secs(10), feed.next()).await, Ok(seq));
    }
}

#[test]
fn channels_exist_while_subscribed() {
    let hub = Hub::default();
    post(&hub, ANN, 1);
    assert_eq!(hub.followed(), []);
    let (first, second, bob) = (hub.follow(ANN), hub.follow(ANN), hub.follow(BOB));
    drop(first);
    let mut followed = hub.followed();
    followed.sort();
    assert_eq!(followed, [ANN, BOB]);
    drop(bob);
    assert_eq!(hub.followed(), [ANN]);
    drop(second);
    assert_eq!(hub.followed(), []);
}

#[test]
fn subscription_outlives_its_bus() {
    let hub = Hub::default();
    let mut feed = hub.follow(ANN);
    post(&hub, ANN, 1);
    drop(hub);
    assert_eq!((heard(&mut feed), heard(&mut feed)), (Some(1), None));
}

/// Four threads publish increasing numbers while subscriptions come and go on four others. Each subscription receives
/// increasing numbers, a lasting one receives the last number, and no channel remains.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn publishing_from_many_threads_reaches_all_subscribers() {
    const LAST: i64 = 20_000;
    let hub = Arc::new(Hub::default());
    let users: Vec<_> = (1..=8).map(UserId::new).collect();
    let listeners: Vec<_> = users
        .iter()
        .map(|&user| {
            let (hub, mut feed) = (Arc::clone(&hub), hub.follow(user));
            tokio::spawn(async move {
                let (mut heard, mut passing) = (0, Vec::new());
                while heard < LAST {
                    let next = feed.next().await;
                    assert!(next > heard, "{next} after {heard}");
                    heard = next;
                    passing.push(hub.follow(user));
                    if heard % 3 == 0 {
                        passing.clear();
                    }
                }
            })
        })
        .collect();
    let posters: Vec<_> = (0..4)
        .map(|poster| {
            let (hub, users) = (Arc::clone(&hub), users.clone());
            tokio::task::spawn_blocking(move || {
                for seq in (1..=LAST).filter(|seq| seq % 4 == poster) {
                    hub.post(&users.iter().map(|&user_id| News { user_id, seq }).collect::<Vec<_>>());
                }
            })
        })
        .collect();
    for poster in posters {
        poster.await.unwrap();
    }
    for listener in listeners {
        timeout(Duration::from_secs(30), listener).await.unwrap().unwrap();
    }
    assert_eq!(hub.followed(), []);
}
