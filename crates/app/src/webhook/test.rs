use super::Webhooks;
use crate::{
    Error,
    retry::{until_committed, within_quota},
};
use fasttrack_domain::{
    audit::{AuditAction, AuditEntry, AuditObject, Origin},
    id::WebhookId,
    policy::Actor,
    quota::QuotaKind,
    webhook::{MAX_PINGS, NewPing},
};

#[derive(Clone, Debug)]
pub struct TestWebhook {
    pub actor: Actor,
    pub id: WebhookId,
    pub origin: Origin,
}

impl Webhooks {
    // @spec SPEC-025
    /// Queues a ping. Fails with [`Error::NotFound`], [`Error::Forbidden`], [`Error::InactiveWebhook`], or
    /// [`Error::QuotaExceeded`] where too many pings wait.
    #[tracing::instrument(name = "webhook.test", skip_all)]
    pub async fn test(&self, command: TestWebhook) -> Result<(), Error> {
        until_committed(|| self.try_test(&command)).await
    }

    async fn try_test(&self, command: &TestWebhook) -> Result<Option<()>, Error> {
        let TestWebhook { actor, id, origin } = command;
        self.find(*id, actor).await?.check_active()?;
        let at = self.clock.now();
        let line = AuditEntry::new(at, Some(actor.id), AuditAction::WebhookTested, origin.clone())
            .with_object(AuditObject::Webhook(*id));
        let ping = NewPing { webhook_id: *id, at, quota: MAX_PINGS, audit: Some(line) };
        let queued = within_quota(self.webhooks.ping(ping).await, QuotaKind::Pings, MAX_PINGS)?;
        Ok(queued.filter(|is_queued| *is_queued).map(|_| ()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, conflict, now, origin, run},
        webhook::fixtures::{finding, webhook},
    };
    use fasttrack_domain::{
        ports::{constraint, webhook::MockWebhookRepository},
        webhook::Webhook,
    };
    use std::sync::Arc;

    fn test(actor: Actor, webhooks: MockWebhookRepository) -> Result<(), Error> {
        let test = Webhooks { webhooks: Arc::new(webhooks), ..Webhooks::mocked() };
        run(test.test(TestWebhook { actor, id: WebhookId::new(3), origin: origin() }))
    }

    fn inactive() -> Webhook {
        Webhook { is_active: false, ..webhook() }
    }

    #[test]
    fn owner_and_admin_queue_a_ping() {
        for actor in [OWNER, ADMIN] {
            let id = WebhookId::new(3);
            let line = AuditEntry::new(now(), Some(actor.id), AuditAction::WebhookTested, origin())
                .with_object(AuditObject::Webhook(id));
            let expected = NewPing { webhook_id: id, at: now(), quota: 10, audit: Some(line) };
            let mut webhooks = finding([Some(webhook())]);
            webhooks.expect_ping().times(1).withf(move |ping| *ping == expected).return_once(|_| Ok(true));
            assert!(test(actor, webhooks).is_ok());
        }
    }

    #[test]
    fn existence_then_permission_then_state() {
        for actor in [STRANGER, ASSIGNEE, VIEWER, COMMENTER, EDITOR] {
            assert!(matches!(test(actor.clone(), finding([None])), Err(Error::NotFound("webhook"))));
            assert!(matches!(test(actor, finding([Some(inactive())])), Err(Error::Forbidden(_))));
        }
        assert!(matches!(test(OWNER, finding([Some(inactive())])), Err(Error::InactiveWebhook(_))));
    }

    #[test]
    fn webhook_that_ends_meanwhile_is_looked_at_again() {
        let mut webhooks = finding([Some(webhook()), Some(inactive())]);
        webhooks.expect_ping().times(1).return_once(|_| Ok(false));
        assert!(matches!(test(OWNER, webhooks), Err(Error::InactiveWebhook(_))));
    }

    #[test]
    fn ping_beyond_the_quota_is_refused() {
        let mut webhooks = finding([Some(webhook())]);
        webhooks.expect_ping().times(1).return_once(|_| Err(conflict(constraint::QUOTA)));
        assert!(matches!(test(OWNER, webhooks), Err(Error::QuotaExceeded(error)) if error.limit == 10));
    }
}
