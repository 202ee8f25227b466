//! Notifications.

mod catch_up;
mod follow;
mod list;
mod mark_read;

pub use follow::{FollowNotifications, Following};
pub use list::ListNotifications;

use crate::Ports;
use fasttrack_domain::ports::{news::NewsBoard, notification::NotificationRepository};
use std::sync::Arc;

#[derive(Clone)]
pub struct Notifications {
    pub notifications: Arc<dyn NotificationRepository>,
    pub board: Arc<dyn NewsBoard>,
}

impl Notifications {
    pub(crate) fn new(ports: &Ports) -> Self {
        Self { notifications: ports.repositories.notifications.clone(), board: ports.board.clone() }
    }
}

#[cfg(test)]
impl Notifications {
    /// With mocks that expect no call. A test replaces those that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{news::MockNewsBoard, notification::MockNotificationRepository};
        Self { notifications: Arc::new(MockNotificationRepository::new()), board: Arc::new(MockNewsBoard::new()) }
    }
}
