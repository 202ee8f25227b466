use super::{MISSING, Webhooks};
use crate::Error;
use fasttrack_domain::{
    audit::{AuditAction, AuditEntry, AuditObject, Origin},
    id::WebhookId,
    policy::Actor,
    webhook::{WebhookRotation, WebhookSecret},
};

#[derive(Clone, Debug)]
pub struct RotateWebhook {
    pub actor: Actor,
    pub id: WebhookId,
    pub origin: Origin,
}

impl Webhooks {
    // @spec SPEC-025
    /// Gives a webhook another secret, and returns it. The one before signs along with it for a day. Fails with
    /// [`Error::NotFound`] or [`Error::Forbidden`].
    #[tracing::instrument(name = "webhook.rotate", skip_all)]
    pub async fn rotate(&self, command: RotateWebhook) -> Result<WebhookSecret, Error> {
        let RotateWebhook { actor, id, origin } = command;
        self.find(id, &actor).await?;
        let (secret, at) = (self.secrets.draw_webhook_secret(), self.clock.now());
        let line = AuditEntry::new(at, Some(actor.id), AuditAction::WebhookRotated, origin)
            .with_object(AuditObject::Webhook(id));
        let rotation = WebhookRotation { id, secret: secret.clone(), at, audit: Some(line) };
        if self.webhooks.rotate(rotation).await? { Ok(secret) } else { Err(MISSING) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, now, origin, run},
        webhook::fixtures::{drawing, finding, secret, webhook},
    };
    use fasttrack_domain::ports::{secret::SecretSource, webhook::MockWebhookRepository};
    use std::sync::Arc;

    fn rotate(
        actor: Actor,
        webhooks: MockWebhookRepository,
        secrets: Arc<dyn SecretSource>,
    ) -> Result<WebhookSecret, Error> {
        let rotate = Webhooks { webhooks: Arc::new(webhooks), secrets, ..Webhooks::mocked() };
        run(rotate.rotate(RotateWebhook { actor, id: WebhookId::new(3), origin: origin() }))
    }

    #[test]
    fn owner_and_admin_get_another_secret() {
        for (actor, is_there) in [(OWNER, true), (ADMIN, true), (OWNER, false)] {
            let id = WebhookId::new(3);
            let line = AuditEntry::new(now(), Some(actor.id), AuditAction::WebhookRotated, origin())
                .with_object(AuditObject::Webhook(id));
            let expected = WebhookRotation { id, secret: secret(), at: now(), audit: Some(line) };
            let mut webhooks = finding([Some(webhook())]);
            webhooks
                .expect_rotate()
                .times(1)
                .withf(move |rotation| *rotation == expected)
                .return_once(move |_| Ok(is_there));
            match rotate(actor, webhooks, drawing()) {
                Ok(given) => assert!(is_there && given == secret()),
                Err(error) => assert!(!is_there && matches!(error, Error::NotFound("webhook"))),
            }
        }
    }

    #[test]
    fn others_are_refused_and_what_is_gone_is_not_found() {
        for actor in [STRANGER, ASSIGNEE, VIEWER, COMMENTER, EDITOR] {
            let unasked = || Webhooks::mocked().secrets;
            assert!(matches!(rotate(actor.clone(), finding([None]), unasked()), Err(Error::NotFound("webhook"))));
            assert!(matches!(rotate(actor, finding([Some(webhook())]), unasked()), Err(Error::Forbidden(_))));
        }
    }
}
