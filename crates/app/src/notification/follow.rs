//! A user hears what they are told, as it comes.

use super::Notifications;
use crate::Error;
use fasttrack_domain::{
    id::UserId,
    notification::Notification,
    ports::{
        news::{NewsBoard, NewsFeed},
        notification::NotificationRepository,
    },
};
use std::sync::Arc;

/// Notifications that are read at once.
const BATCH: u32 = 100;

/// From where.
#[derive(Clone, Copy, Debug)]
pub struct FollowNotifications {
    /// Whose.
    pub user_id: UserId,
    /// Everything behind this number; only what comes from now on where absent. A number beyond the latest counts as
    /// the latest.
    pub since: Option<i64>,
}

impl Notifications {
    // @spec SPEC-005
    // @decision DEC-010
    /// Follows a user's own notifications.
    ///
    /// Begins to follow.
    #[tracing::instrument(name = "notification.follow", skip_all)]
    pub async fn follow(&self, command: FollowNotifications) -> Result<Following, Error> {
        let FollowNotifications { user_id, since } = command;
        // First the feed, then the table: what comes in between is found twice rather than never.
        let feed = self.board.follow(user_id);
        let head = self.notifications.heads(vec![user_id]).await?.first().map_or(0, |news| news.seq);
        let position = since.map_or(head, |since| since.min(head));
        Ok(Following { notifications: self.notifications.clone(), feed, user_id, position, head })
    }
}

/// A user's notifications, each once, in their order, without a gap.
pub struct Following {
    notifications: Arc<dyn NotificationRepository>,
    feed: Box<dyn NewsFeed>,
    user_id: UserId,
    /// The number of the last one that was given.
    position: i64,
    /// As far as is known to exist.
    head: i64,
}

impl Following {
    /// Waits for the next ones, at least one. After an error it goes on where it was. May be dropped while it waits,
    /// and called again.
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

    /// The number of the last one that was given, or behind which it began.
    pub fn position(&self) -> i64 {
        self.position
    }
}

#[cfg(test)]
mod tests;
