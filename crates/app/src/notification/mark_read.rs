use super::Notifications;
use crate::Error;
use fasttrack_domain::id::UserId;

impl Notifications {
    // @spec SPEC-005
    /// Marks a user's own notifications as read, up to the number `up_to`.
    #[tracing::instrument(name = "notification.mark_read", skip_all)]
    pub async fn mark_read(&self, user_id: UserId, up_to: i64) -> Result<(), Error> {
        Ok(self.notifications.mark_read(user_id, up_to).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ASSIGNEE, run, unavailable};
    use fasttrack_domain::ports::{RepositoryError, notification::MockNotificationRepository};
    use std::sync::Arc;

    fn mark(marked: Result<(), RepositoryError>) -> Result<(), Error> {
        let mut notifications = MockNotificationRepository::new();
        notifications
            .expect_mark_read()
            .times(1)
            .withf(|user, up_to| *user == ASSIGNEE.id && *up_to == 7)
            .return_once(|_, _| marked);
        run(Notifications { notifications: Arc::new(notifications), ..Notifications::mocked() }
            .mark_read(ASSIGNEE.id, 7))
    }

    #[test]
    fn users_mark_their_own_up_to_the_number_that_they_name() {
        mark(Ok(())).unwrap();
        assert!(matches!(mark(Err(unavailable())), Err(Error::Unavailable { .. })));
    }
}
