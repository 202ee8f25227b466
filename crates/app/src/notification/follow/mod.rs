use super::Notifications;
use crate::Error;
use fasttrack_domain::{
    id::UserId,
    notification::Notification,
    ports::{notification::NotificationRepository, notification_bus::NotificationSubscription},
};
use std::sync::Arc;

/// Maximum number of notifications that one query reads.
const BATCH: u32 = 100;

#[derive(Clone, Copy, Debug)]
pub struct FollowNotifications {
    pub user_id: UserId,
    /// The stream begins after this number; if it is absent, with the next notification. A number beyond the latest
    /// counts as the latest.
    pub since: Option<i64>,
}

impl Notifications {
    // @spec SPEC-005
    // @decision DEC-0009
    /// Begins to follow a user's own notifications.
    #[tracing::instrument(name = "notification.follow", skip_all)]
    pub async fn follow(&self, command: FollowNotifications) -> Result<Following, Error> {
        let FollowNotifications { user_id, since } = command;
        // First the feed, then the table: what comes in between is found twice rather than never.
        let feed = self.bus.subscribe(user_id);
        let head = self.notifications.heads(vec![user_id]).await?.first().map_or(0, |news| news.seq);
        let position = since.map_or(head, |since| since.min(head));
        Ok(Following { notifications: self.notifications.clone(), feed, user_id, position, head })
    }
}

/// Stream of a user's notifications: each once, in order, without a gap.
pub struct Following {
    notifications: Arc<dyn NotificationRepository>,
    feed: Box<dyn NotificationSubscription>,
    user_id: UserId,
    /// The number of the last notification that was returned.
    position: i64,
    /// The highest number that is known to exist.
    head: i64,
}

impl Following {
    /// Waits for the next notifications, at least one. After an error the stream goes on where it was. Cancel safe.
    pub async fn next(&mut self) -> Result<Vec<Notification>, Error> {
        loop {
            if self.head <= self.position {
                self.head = self.head.max(self.feed.next().await);
                continue;
            }
            let notifications = self.notifications.after(self.user_id, self.position, BATCH).await?;
            match notifications.last() {
                Some(last) => {
                    self.position = last.seq;
                    return Ok(notifications);
                }
                // Nothing is there, whatever was said.
                None => self.head = self.position,
            }
        }
    }

    /// The number of the last notification that was returned, or after which the stream began.
    pub fn position(&self) -> i64 {
        self.position
    }
}

#[cfg(test)]
mod tests;
