use super::Notifications;
use crate::Error;

impl Notifications {
    /// Publishes the latest sequence number of each user who is followed here, in case a hint was missed.
    #[tracing::instrument(name = "notification.catch_up", skip_all)]
    pub async fn catch_up(&self) -> Result<(), Error> {
        let users = self.bus.subscribed_users();
        if !users.is_empty() {
            self.bus.publish(&self.notifications.heads(users).await?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ASSIGNEE, OWNER, run, unavailable};
    use fasttrack_domain::{
        notification::NotificationHead,
        ports::{notification::MockNotificationRepository, notification_bus::MockNotificationBus},
    };
    use std::sync::Arc;

    #[test]
    fn latest_notification_is_posted_for_each_followed_user() {
        let heads = vec![NotificationHead { user_id: ASSIGNEE.id, seq: 12 }];
        let mut bus = MockNotificationBus::new();
        bus.expect_subscribed_users().times(1).return_once(|| vec![OWNER.id, ASSIGNEE.id]);
        let posted = heads.clone();
        bus.expect_publish().times(1).withf(move |news| news == posted).return_const(());
        let mut notifications = MockNotificationRepository::new();
        notifications
            .expect_heads()
            .times(1)
            .withf(|users| *users == [OWNER.id, ASSIGNEE.id])
            .return_once(|_| Ok(heads));
        run(Notifications { notifications: Arc::new(notifications), bus: Arc::new(bus) }.catch_up()).unwrap();
    }

    #[test]
    fn where_nobody_is_followed_nobody_is_asked() {
        let mut bus = MockNotificationBus::new();
        bus.expect_subscribed_users().times(1).return_once(Vec::new);
        run(Notifications { notifications: Arc::new(MockNotificationRepository::new()), bus: Arc::new(bus) }
            .catch_up())
        .unwrap();
    }

    #[test]
    fn an_outage_puts_up_nothing() {
        let mut bus = MockNotificationBus::new();
        bus.expect_subscribed_users().times(1).return_once(|| vec![OWNER.id]);
        let mut notifications = MockNotificationRepository::new();
        notifications.expect_heads().times(1).return_once(|_| Err(unavailable()));
        let result = run(Notifications { notifications: Arc::new(notifications), bus: Arc::new(bus) }.catch_up());
        assert!(matches!(result, Err(Error::Unavailable { .. })));
    }
}
