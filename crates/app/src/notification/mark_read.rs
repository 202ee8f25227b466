//! A user has read what they were told.

use crate::Error;
use fasttrack_domain::{id::UserId, ports::notification::NotificationRepository};
use std::sync::Arc;

/// How far.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Whose.
    pub user_id: UserId,
    /// The number of the last one that was read.
    pub up_to: i64,
}

// @spec SPEC-005
/// Marks a user's own notifications as read.
pub struct MarkRead {
    notifications: Arc<dyn NotificationRepository>,
}

impl MarkRead {
    /// Over this port.
    pub fn new(notifications: Arc<dyn NotificationRepository>) -> Self {
        Self { notifications }
    }

    /// All up to there that exist now; what was read stays so.
    #[tracing::instrument(name = "notification.mark_read", skip_all)]
    pub async fn execute(&self, command: Command) -> Result<(), Error> {
        Ok(self.notifications.mark_read(command.user_id, command.up_to).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ASSIGNEE, run, unavailable};
    use fasttrack_domain::ports::{RepositoryError, notification::MockNotificationRepository};

    fn mark(marked: Result<(), RepositoryError>) -> Result<(), Error> {
        let mut notifications = MockNotificationRepository::new();
        notifications
            .expect_mark_read()
            .times(1)
            .withf(|user, up_to| *user == ASSIGNEE.id && *up_to == 7)
            .return_once(|_, _| marked);
        run(MarkRead::new(Arc::new(notifications)).execute(Command { user_id: ASSIGNEE.id, up_to: 7 }))
    }

    #[test]
    fn users_mark_their_own_up_to_the_number_that_they_name() {
        mark(Ok(())).unwrap();
        assert!(matches!(mark(Err(unavailable())), Err(Error::Unavailable { .. })));
    }
}
