use super::Notifications;
use crate::Error;
use fasttrack_domain::{
    id::UserId,
    notification::Notification,
    page::{Page, PageRequest},
};

#[derive(Clone, Debug)]
pub struct ListNotifications {
    pub user_id: UserId,
    pub unread: bool,
    pub page: PageRequest,
}

impl Notifications {
    /// Lists the user's own notifications, newest first.
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
