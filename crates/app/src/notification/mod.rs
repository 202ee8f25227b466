mod catch_up;
mod follow;
mod list;
mod mark_read;

pub use follow::{FollowNotifications, Following};
pub use list::ListNotifications;

use crate::Ports;
use fasttrack_domain::ports::{notification::NotificationRepository, notification_bus::NotificationBus};
use std::sync::Arc;

#[derive(Clone)]
pub struct Notifications {
    pub notifications: Arc<dyn NotificationRepository>,
    pub bus: Arc<dyn NotificationBus>,
}

impl Notifications {
    pub(crate) fn new(ports: &Ports) -> Self {
        Self { notifications: ports.repositories.notifications.clone(), bus: ports.bus.clone() }
    }
}

#[cfg(test)]
impl Notifications {
    /// Returns mocks that expect no call. A test replaces those that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{
            notification::MockNotificationRepository, notification_bus::MockNotificationBus,
        };
        Self { notifications: Arc::new(MockNotificationRepository::new()), bus: Arc::new(MockNotificationBus::new()) }
    }
}
