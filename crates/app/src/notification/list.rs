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
    #[tracing::instrument(name = "notification.list", skip_all)]
    pub async fn execute(&self, command: Command) -> Result<Page<Notification>, Error> {
        Ok(self.notifications.list(command.user_id, command.unread, command.page).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ASSIGNEE, notification, run};
    use fasttrack_domain::{page::Cursor, ports::notification::MockNotificationRepository};

    #[test]
    fn users_see_the_page_of_their_own_that_they_asked_for() {
        for unread in [false, true] {
            let page = PageRequest { cursor: Some(Cursor::after(9)), ..PageRequest::default() };
            let found = Page { items: vec![notification(8)], next: None };
            let answer = found.clone();
            let mut notifications = MockNotificationRepository::new();
            notifications
                .expect_list()
                .times(1)
                .withf(move |user, only_unread, asked| *user == ASSIGNEE.id && *only_unread == unread && *asked == page)
                .return_once(|_, _, _| Ok(answer));
            let list = ListNotifications::new(Arc::new(notifications));
            assert_eq!(run(list.execute(Command { user_id: ASSIGNEE.id, unread, page })).unwrap(), found);
        }
    }
}
