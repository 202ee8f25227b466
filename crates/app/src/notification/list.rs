//! A user looks at what they were told.

use crate::Error;
use fasttrack_domain::{
    id::UserId,
    notification::Notification,
    page::{Page, PageRequest},
    ports::notification::NotificationRepository,
};
use std::sync::Arc;

/// Which page.
#[derive(Clone, Debug)]
pub struct Command {
    /// Whose.
    pub user_id: UserId,
    /// Only what isn't marked as read.
    pub unread: bool,
    /// Where it begins.
    pub page: PageRequest,
}

/// Lists a user's own notifications, the newest first.
pub struct ListNotifications {
    notifications: Arc<dyn NotificationRepository>,
}

impl ListNotifications {
    /// Over this port.
    pub fn new(notifications: Arc<dyn NotificationRepository>) -> Self {
        Self { notifications }
    }

    /// The page.
    pub async fn execute(&self, command: Command) -> Result<Page<Notification>, Error> {
        Ok(self.notifications.list(command.user_id, command.unread, command.page).await?)
    }
}
