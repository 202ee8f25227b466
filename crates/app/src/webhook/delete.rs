use super::{MISSING, Webhooks};
use crate::Error;
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    id::WebhookId,
    policy::Actor,
};

#[derive(Clone, Debug)]
pub struct DeleteWebhook {
    pub actor: Actor,
    pub id: WebhookId,
    pub origin: Origin,
}

impl Webhooks {
    // @spec SPEC-025
    /// Deletes a webhook with its deliveries. Fails with [`Error::NotFound`] or [`Error::Forbidden`].
    #[tracing::instrument(name = "webhook.delete", skip_all)]
    pub async fn delete(&self, command: DeleteWebhook) -> Result<(), Error> {
        let DeleteWebhook { actor, id, origin } = command;
        let found = self.find(id, &actor).await?;
        let line = AuditEntry::new(self.clock.now(), Some(actor.id), AuditAction::WebhookDeleted, origin)
            .with_object(AuditObject::Webhook(id))
            .with_changes(AuditChanges::of_deleted_webhook(&found));
        if self.webhooks.delete(id, Some(line)).await? { Ok(()) } else { Err(MISSING) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, now, origin, run},
        webhook::fixtures::{finding, webhook},
    };
    use fasttrack_domain::ports::webhook::MockWebhookRepository;
    use std::sync::Arc;

    fn delete(actor: Actor, webhooks: MockWebhookRepository) -> Result<(), Error> {
        let delete = Webhooks { webhooks: Arc::new(webhooks), ..Webhooks::mocked() };
        run(delete.delete(DeleteWebhook { actor, id: WebhookId::new(3), origin: origin() }))
    }

    #[test]
    fn owner_and_admin_delete_a_webhook() {
        for (actor, is_there) in [(OWNER, true), (ADMIN, true), (OWNER, false)] {
            let expected = AuditEntry::new(now(), Some(actor.id), AuditAction::WebhookDeleted, origin())
                .with_object(AuditObject::Webhook(WebhookId::new(3)))
                .with_changes(AuditChanges::of_deleted_webhook(&webhook()));
            let mut webhooks = finding([Some(webhook())]);
            webhooks
                .expect_delete()
                .times(1)
                .withf(move |id, line| id.get() == 3 && line.as_ref() == Some(&expected))
                .return_once(move |_, _| Ok(is_there));
            let deleted = delete(actor, webhooks);
            assert!(if is_there { deleted.is_ok() } else { matches!(deleted, Err(Error::NotFound("webhook"))) });
        }
    }

    #[test]
    fn others_are_refused_and_what_is_gone_is_not_found() {
        for actor in [STRANGER, ASSIGNEE, VIEWER, COMMENTER, EDITOR] {
            assert!(matches!(delete(actor.clone(), finding([None])), Err(Error::NotFound("webhook"))));
            assert!(matches!(delete(actor, finding([Some(webhook())])), Err(Error::Forbidden(_))));
        }
    }
}
