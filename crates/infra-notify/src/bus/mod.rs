//! In-process publish/subscribe of hints about new notifications.

use async_trait::async_trait;
use fasttrack_domain::{
    id::UserId,
    notification::NotificationHead,
    ports::notification_bus::{NotificationBus, NotificationSubscription},
};
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;

// @spec SPEC-005
// @decision DEC-0009
/// Publishes hints to the subscribers of this node. It holds one number for each user with subscribers: a subscription
/// takes less than a kilobyte, and publishing is one map lookup.
#[derive(Debug, Default)]
pub struct LocalNotificationBus {
    channels: Arc<Channels>,
}

#[derive(Debug, Default)]
struct Channels(Mutex<HashMap<UserId, Channel>>);

/// The channel of a user. It exists as long as it has subscribers.
#[derive(Debug)]
struct Channel {
    /// The highest number that was published since the channel exists.
    head: watch::Sender<i64>,
    subscribers: usize,
}

impl Channels {
    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, Channel>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NotificationBus for LocalNotificationBus {
    fn publish(&self, heads: &[NotificationHead]) {
        let channels = self.channels.lock();
        for NotificationHead { user_id, seq } in heads {
            if let Some(channel) = channels.get(user_id) {
                channel.head.send_if_modified(|head| {
                    let is_higher = seq > head;
                    *head = *seq.max(head);
                    is_higher
                });
            }
        }
    }

    fn subscribe(&self, user: UserId) -> Box<dyn NotificationSubscription> {
        let mut channels = self.channels.lock();
        let channel =
            channels.entry(user).or_insert_with(|| Channel { head: watch::Sender::new(i64::MIN), subscribers: 0 });
        channel.subscribers += 1;
        // Numbers that were published before count as received.
        let head = channel.head.subscribe();
        Box::new(Subscription { user, head, channels: Arc::clone(&self.channels) })
    }

    fn subscribed_users(&self) -> Vec<UserId> {
        self.channels.lock().keys().copied().collect()
    }
}

struct Subscription {
    user: UserId,
    head: watch::Receiver<i64>,
    channels: Arc<Channels>,
}

#[async_trait]
impl NotificationSubscription for Subscription {
    async fn next(&mut self) -> i64 {
        // The channel exists as long as this subscription is counted, so that it never closes.
        self.head.changed().await.ok();
        *self.head.borrow_and_update()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Entry::Occupied(mut entry) = self.channels.lock().entry(self.user) {
            entry.get_mut().subscribers -= 1;
            if entry.get().subscribers == 0 {
                entry.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    #[tokio::test]
    async fn subscription_outlives_its_bus() {
        let bus = LocalNotificationBus::default();
        let user_id = UserId::new(1);
        let mut subscription = bus.subscribe(user_id);
        bus.publish(&[NotificationHead { user_id, seq: 1 }]);
        drop(bus);
        assert_eq!(timeout(Duration::ZERO, subscription.next()).await, Ok(1));
        assert!(timeout(Duration::ZERO, subscription.next()).await.is_err());
    }
}
