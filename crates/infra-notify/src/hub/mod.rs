//! In-process publish/subscribe of hints about new notifications.

use async_trait::async_trait;
use fasttrack_domain::{
    id::UserId,
    notification::News,
    ports::news::{NewsBoard, NewsFeed},
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
pub struct Hub {
    channels: Arc<Channels>,
}

#[derive(Debug, Default)]
struct Channels(Mutex<HashMap<UserId, Channel>>);

/// The channel of a user. It exists as long as it has subscribers.
#[derive(Debug)]
struct Channel {
    /// The highest number that was published since the channel exists.
    head: watch::Sender<i64>,
    feeds: usize,
}

impl Channels {
    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, Channel>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NewsBoard for Hub {
    fn post(&self, news: &[News]) {
        let channels = self.channels.lock();
        for News { user_id, seq } in news {
            if let Some(channel) = channels.get(user_id) {
                channel.head.send_if_modified(|head| {
                    let is_higher = seq > head;
                    *head = *seq.max(head);
                    is_higher
                });
            }
        }
    }

    fn follow(&self, user: UserId) -> Box<dyn NewsFeed> {
        let mut channels = self.channels.lock();
        let channel = channels.entry(user).or_insert_with(|| Channel { head: watch::Sender::new(i64::MIN), feeds: 0 });
        channel.feeds += 1;
        // Numbers that were published before count as received.
        let head = channel.head.subscribe();
        Box::new(Feed { user, head, channels: Arc::clone(&self.channels) })
    }

    fn followed(&self) -> Vec<UserId> {
        self.channels.lock().keys().copied().collect()
    }
}

struct Feed {
    user: UserId,
    head: watch::Receiver<i64>,
    channels: Arc<Channels>,
}

#[async_trait]
impl NewsFeed for Feed {
    async fn next(&mut self) -> i64 {
        // The channel exists as long as this subscription is counted, so that it never closes.
        self.head.changed().await.ok();
        *self.head.borrow_and_update()
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        if let Entry::Occupied(mut entry) = self.channels.lock().entry(self.user) {
            entry.get_mut().feeds -= 1;
            if entry.get().feeds == 0 {
                entry.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests;
