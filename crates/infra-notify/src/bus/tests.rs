use super::*;
use std::{
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::time::timeout;

const ANN: UserId = UserId::new(1);
const BOB: UserId = UserId::new(2);

fn publish(bus: &LocalNotificationBus, user_id: UserId, seq: i64) {
    bus.publish(&[NotificationHead { user_id, seq }]);
}

/// Polls once for a number.
fn received(subscription: &mut Box<dyn NotificationSubscription>) -> Option<i64> {
    match pin!(subscription.next()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(seq) => Some(seq),
        Poll::Pending => None,
    }
}

#[test]
fn subscriber_receives_the_highest_number_of_its_user() {
    let bus = LocalNotificationBus::default();
    let mut ann = bus.subscribe(ANN);
    bus.publish(&[NotificationHead { user_id: BOB, seq: 7 }]);
    assert_eq!(received(&mut ann), None);
    bus.publish(&[
        NotificationHead { user_id: ANN, seq: 3 },
        NotificationHead { user_id: BOB, seq: 8 },
        NotificationHead { user_id: ANN, seq: 4 },
    ]);
    publish(&bus, ANN, 2);
    assert_eq!((received(&mut ann), received(&mut ann)), (Some(4), None));
}

#[test]
fn known_numbers_are_not_received_again() {
    let bus = LocalNotificationBus::default();
    let mut first = bus.subscribe(ANN);
    publish(&bus, ANN, 5);
    let mut second = bus.subscribe(ANN);
    assert_eq!(received(&mut second), None, "it was posted before");
    assert_eq!(received(&mut first), Some(5));
    for seq in [5, 4, 5] {
        publish(&bus, ANN, seq);
        assert_eq!((received(&mut first), received(&mut second)), (None, None));
    }
    publish(&bus, ANN, 6);
    assert_eq!((received(&mut first), received(&mut second)), (Some(6), Some(6)));
}

#[tokio::test]
async fn waiting_subscriber_wakes_and_cancelled_wait_loses_nothing() {
    let bus = Arc::new(LocalNotificationBus::default());
    let mut subscription = bus.subscribe(ANN);
    for seq in 1..=100 {
        assert!(timeout(Duration::ZERO, subscription.next()).await.is_err());
        let publisher = tokio::spawn({
            let bus = Arc::clone(&bus);
            async move { publish(&bus, ANN, seq) }
        });
        if seq % 2 == 0 {
            publisher.await.unwrap();
        }
        assert_eq!(timeout(Duration::from_secs(10), subscription.next()).await, Ok(seq));
    }
}

#[test]
fn channels_exist_while_subscribed() {
    let bus = LocalNotificationBus::default();
    publish(&bus, ANN, 1);
    assert_eq!(bus.subscribed_users(), []);
    let (first, second, bob) = (bus.subscribe(ANN), bus.subscribe(ANN), bus.subscribe(BOB));
    drop(first);
    let mut followed = bus.subscribed_users();
    followed.sort();
    assert_eq!(followed, [ANN, BOB]);
    drop(bob);
    assert_eq!(bus.subscribed_users(), [ANN]);
    drop(second);
    assert_eq!(bus.subscribed_users(), []);
}

#[test]
fn subscription_outlives_its_bus() {
    let bus = LocalNotificationBus::default();
    let mut subscription = bus.subscribe(ANN);
    publish(&bus, ANN, 1);
    drop(bus);
    assert_eq!((received(&mut subscription), received(&mut subscription)), (Some(1), None));
}

/// Four threads publish increasing numbers while subscriptions come and go on four others. Each subscription receives
/// increasing numbers, a lasting one receives the last number, and no channel remains.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn publishing_from_many_threads_reaches_all_subscribers() {
    const LAST: i64 = 20_000;
    let bus = Arc::new(LocalNotificationBus::default());
    let users: Vec<_> = (1..=8).map(UserId::new).collect();
    let subscribers: Vec<_> = users
        .iter()
        .map(|&user| {
            let (bus, mut subscription) = (Arc::clone(&bus), bus.subscribe(user));
            tokio::spawn(async move {
                let (mut received, mut passing) = (0, Vec::new());
                while received < LAST {
                    let next = subscription.next().await;
                    assert!(next > received, "{next} after {received}");
                    received = next;
                    passing.push(bus.subscribe(user));
                    if received % 3 == 0 {
                        passing.clear();
                    }
                }
            })
        })
        .collect();
    let publishers: Vec<_> = (0..4)
        .map(|publisher| {
            let (bus, users) = (Arc::clone(&bus), users.clone());
            tokio::task::spawn_blocking(move || {
                for seq in (1..=LAST).filter(|seq| seq % 4 == publisher) {
                    bus.publish(&users.iter().map(|&user_id| NotificationHead { user_id, seq }).collect::<Vec<_>>());
                }
            })
        })
        .collect();
    for publisher in publishers {
        publisher.await.unwrap();
    }
    for subscriber in subscribers {
        timeout(Duration::from_secs(30), subscriber).await.unwrap().unwrap();
    }
    assert_eq!(bus.subscribed_users(), []);
}
