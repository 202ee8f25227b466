//! Notifications.

mod catch_up;
mod follow;
mod list;
mod mark_read;

pub use follow::{FollowNotifications, Following};
pub use list::ListNotifications;

use fasttrack_domain::ports::{news::NewsBoard, notification::NotificationRepository};
use std::sync::Arc;

/// Notifications of users.
#[derive(Clone)]
pub struct Notifications {
    pub notifications: Arc<dyn NotificationRepository>,
    pub board: Arc<dyn NewsBoard>,
}

#[cfg(test)]
impl Notifications {
    /// Each mock fails the test that calls it. A test replaces the ports that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{news::MockNewsBoard, notification::MockNotificationRepository};
        Self { notifications: Arc::new(MockNotificationRepository::new()), board: Arc::new(MockNewsBoard::new()) }
    }
}
