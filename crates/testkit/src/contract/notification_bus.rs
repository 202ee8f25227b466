//! Publish/subscribe of hints about new notifications: [`NotificationBus`] alone.

use fasttrack_domain::{
    id::UserId,
    notification::NotificationHead,
    ports::notification_bus::{NotificationBus, NotificationSubscription},
};
use std::{sync::Arc, time::Duration};
use tokio::{task::spawn_blocking, time::timeout};

contract! { $
    notification_bus { bus: NotificationBus }
    the_highest_number_of_the_user_is_received,
    numbers_that_are_not_higher_are_not_received,
    a_waiting_subscription_is_woken,
    a_cancelled_wait_loses_no_number,
    users_are_listed_while_they_have_a_subscription,
    simultaneous_publications_reach_every_subscription,
}

const ANN: UserId = UserId::new(1);
const BOB: UserId = UserId::new(2);

fn head(user_id: UserId, seq: i64) -> NotificationHead {
    NotificationHead { user_id, seq }
}

/// The number that has arrived; `None` if there is none.
async fn arrived(subscription: &mut Box<dyn NotificationSubscription>) -> Option<i64> {
    timeout(Duration::ZERO, subscription.next()).await.ok()
}

/// Waits for a number.
async fn next(subscription: &mut Box<dyn NotificationSubscription>) -> i64 {
    timeout(Duration::from_secs(30), subscription.next()).await.unwrap()
}

/// It is received once, however many were published since the last one was.
async fn the_highest_number_of_the_user_is_received(ports: &Ports) {
    let mut ann = ports.bus.subscribe(ANN);
    ports.bus.publish(&[head(BOB, 7)]);
    assert_eq!(arrived(&mut ann).await, None);
    ports.bus.publish(&[head(ANN, 3), head(BOB, 8), head(ANN, 4)]);
    ports.bus.publish(&[head(ANN, 2)]);
    assert_eq!((arrived(&mut ann).await, arrived(&mut ann).await), (Some(4), None));
    ports.bus.publish(&(5..10_000).map(|seq| head(ANN, seq)).collect::<Vec<_>>());
    assert_eq!((arrived(&mut ann).await, arrived(&mut ann).await), (Some(9_999), None));
}

/// A subscription receives only what is published after it began.
async fn numbers_that_are_not_higher_are_not_received(ports: &Ports) {
    let mut first = ports.bus.subscribe(ANN);
    ports.bus.publish(&[head(ANN, 5)]);
    let mut second = ports.bus.subscribe(ANN);
    assert_eq!(arrived(&mut second).await, None, "it was published before");
    assert_eq!(arrived(&mut first).await, Some(5));
    for seq in [5, 4, 5] {
        ports.bus.publish(&[head(ANN, seq)]);
        assert_eq!((arrived(&mut first).await, arrived(&mut second).await), (None, None));
    }
    ports.bus.publish(&[head(ANN, 6)]);
    assert_eq!((arrived(&mut first).await, arrived(&mut second).await), (Some(6), Some(6)));
}

async fn a_waiting_subscription_is_woken(ports: &Ports) {
    let mut subscription = ports.bus.subscribe(ANN);
    for seq in 1..=100 {
        let bus = Arc::clone(&ports.bus);
        let publish = async move { tokio::spawn(async move { bus.publish(&[head(ANN, seq)]) }).await.unwrap() };
        assert_eq!(tokio::join!(next(&mut subscription), publish).0, seq);
    }
}

async fn a_cancelled_wait_loses_no_number(ports: &Ports) {
    let mut subscription = ports.bus.subscribe(ANN);
    for seq in 1..=100 {
        assert_eq!(arrived(&mut subscription).await, None);
        let bus = Arc::clone(&ports.bus);
        let publisher = tokio::spawn(async move { bus.publish(&[head(ANN, seq)]) });
        if seq % 2 == 0 {
            publisher.await.unwrap();
        }
        assert_eq!(next(&mut subscription).await, seq);
    }
}

async fn users_are_listed_while_they_have_a_subscription(ports: &Ports) {
    ports.bus.publish(&[head(ANN, 1)]);
    assert_eq!(ports.bus.subscribed_users(), []);
    let [first, second, bob] = [ANN, ANN, BOB].map(|user| ports.bus.subscribe(user));
    drop(first);
    let mut users = ports.bus.subscribed_users();
    users.sort();
    assert_eq!(users, [ANN, BOB]);
    drop(bob);
    assert_eq!(ports.bus.subscribed_users(), [ANN]);
    drop(second);
    assert_eq!(ports.bus.subscribed_users(), []);
}

/// Four threads publish while other subscriptions of the same users begin and end. Each subscription receives increasing
/// numbers, and one that stays receives the last number.
async fn simultaneous_publications_reach_every_subscription(ports: &Ports) {
    const LAST: i64 = 20_000;
    let users: Vec<_> = (1..=8).map(UserId::new).collect();
    let subscribe = |&user: &UserId| {
        let (bus, mut subscription) = (Arc::clone(&ports.bus), ports.bus.subscribe(user));
        tokio::spawn(async move {
            let (mut received, mut others) = (0, Vec::new());
            while received < LAST {
                let seq = subscription.next().await;
                assert!(seq > received, "{seq} after {received}");
                received = seq;
                others.push(bus.subscribe(user));
                if received % 3 == 0 {
                    others.clear();
                }
            }
        })
    };
    let subscribers: Vec<_> = users.iter().map(subscribe).collect();
    let publish = |publisher| {
        let (bus, users) = (Arc::clone(&ports.bus), users.clone());
        spawn_blocking(move || {
            for seq in (1..=LAST).filter(|seq| seq % 4 == publisher) {
                bus.publish(&users.iter().map(|&user| head(user, seq)).collect::<Vec<_>>());
            }
        })
    };
    for publisher in (0..4).map(publish).collect::<Vec<_>>() {
        publisher.await.unwrap();
    }
    for subscriber in subscribers {
        timeout(Duration::from_secs(30), subscriber).await.unwrap().unwrap();
    }
    assert_eq!(ports.bus.subscribed_users(), []);
}
