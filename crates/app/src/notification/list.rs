//! A user looks at what they were told.

use super::Notifications;
use crate::Error;
use fasttrack_domain::{
    id::UserId,
    notification::Notification,
    page::{Page, PageRequest},
    ports::notification::NotificationRepository,
};

/// Which page.
#[derive(Clone, Debug)]
pub struct ListNotifications {
    /// Whose.
    pub user_id: UserId,
    /// Only what isn't marked as read.
    pub unread: bool,
    /// Where it begins.
    pub page: PageRequest,
}

impl Notifications {
    /// Lists a user's own notifications, the newest first.
    ///
    /// The page.
    #[tracing::instrument(name = "notification.list", skip_all)]
    pub async fn list(&self, command: ListNotifications) -> Result<Page<Notification>, Error> {
        Ok(self.notifications.list(command.user_id, command.unread, command.page).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ASSIGNEE, notification, run};
    use fasttrack_domain::{page::Cursor, ports::notification::MockNotificationRepository};
    use std::sync::Arc;

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
            let list = Notifications { notifications: Arc::new(notifications), ..Notifications::mocked() };
            assert_eq!(run(list.list(ListNotifications { user_id: ASSIGNEE.id, unread, page })).unwrap(), found);
        }
    }
}
