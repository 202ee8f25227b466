use super::Webhooks;
use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    id::DeliveryId,
    policy::{Actor, ProjectAction},
};

#[derive(Clone, Debug)]
pub struct RetryDelivery {
    pub actor: Actor,
    pub id: DeliveryId,
    pub origin: Origin,
}

impl Webhooks {
    // @spec SPEC-025
    /// Requests a further attempt of a delivery at once, whatever came of it. Fails with [`Error::NotFound`],
    /// [`Error::Forbidden`] or [`Error::InactiveWebhook`].
    #[tracing::instrument(name = "webhook.retry_delivery", skip_all)]
    pub async fn retry_delivery(&self, command: RetryDelivery) -> Result<(), Error> {
        until_committed(|| self.try_retry(&command)).await
    }

    async fn try_retry(&self, command: &RetryDelivery) -> Result<Option<()>, Error> {
        let RetryDelivery { actor, id, origin } = command;
        let found = self.webhooks.find_delivery(*id, actor.id).await?.ok_or(Error::NotFound("delivery"))?;
        actor.authorize(found.project.action(ProjectAction::Manage))?;
        found.webhook.check_active()?;
        let now = self.clock.now();
        let line = AuditEntry::new(now, Some(actor.id), AuditAction::DeliveryRetried, origin.clone())
            .with_object(AuditObject::Webhook(found.webhook.id))
            .with_changes(AuditChanges::default().set("delivery_id", id.get()));
        Ok(self.webhooks.retry(*id, now, Some(line)).await?.then_some(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{
            ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, membership, now, origin, run, task_project,
        },
        webhook::fixtures::{delivery, webhook},
    };
    use fasttrack_domain::{
        id::WebhookId,
        ports::webhook::MockWebhookRepository,
        task::TaskProject,
        webhook::{DeliveryInProject, Webhook},
    };
    use std::sync::Arc;

    /// Expects one look-up of the delivery for each of `looks`, with its webhook.
    fn finding(looks: impl IntoIterator<Item = Option<Webhook>>) -> MockWebhookRepository {
        let mut webhooks = MockWebhookRepository::new();
        for found in looks {
            webhooks.expect_find_delivery().times(1).withf(|id, _| *id == delivery().id).return_once(
                move |_, reader| {
                    let project = TaskProject { membership: membership(reader), ..task_project() };
                    Ok(found.map(|webhook| DeliveryInProject { delivery: delivery(), webhook, project }))
                },
            );
        }
        webhooks
    }

    fn retry(actor: Actor, webhooks: MockWebhookRepository) -> Result<(), Error> {
        let retry = Webhooks { webhooks: Arc::new(webhooks), ..Webhooks::mocked() };
        run(retry.retry_delivery(RetryDelivery { actor, id: delivery().id, origin: origin() }))
    }

    fn inactive() -> Webhook {
        Webhook { is_active: false, ..webhook() }
    }

    #[test]
    fn owner_and_admin_request_a_further_attempt() {
        for actor in [OWNER, ADMIN] {
            let expected = AuditEntry::new(now(), Some(actor.id), AuditAction::DeliveryRetried, origin())
                .with_object(AuditObject::Webhook(WebhookId::new(3)))
                .with_changes(AuditChanges::default().set("delivery_id", delivery().id.get()));
            let mut webhooks = finding([Some(webhook())]);
            webhooks
                .expect_retry()
                .times(1)
                .withf(move |id, at, line| (*id, *at) == (delivery().id, now()) && line.as_ref() == Some(&expected))
                .return_once(|_, _, _| Ok(true));
            assert!(retry(actor, webhooks).is_ok());
        }
    }

    #[test]
    fn existence_then_permission_then_state() {
        for actor in [STRANGER, ASSIGNEE, VIEWER, COMMENTER, EDITOR] {
            assert!(matches!(retry(actor.clone(), finding([None])), Err(Error::NotFound("delivery"))));
            assert!(matches!(retry(actor, finding([Some(inactive())])), Err(Error::Forbidden(_))));
        }
        assert!(matches!(retry(OWNER, finding([Some(inactive())])), Err(Error::InactiveWebhook(_))));
    }

    #[test]
    fn delivery_that_goes_meanwhile_is_not_found() {
        let mut webhooks = finding([Some(webhook()), None]);
        webhooks.expect_retry().times(1).return_once(|_, _, _| Ok(false));
        assert!(matches!(retry(OWNER, webhooks), Err(Error::NotFound("delivery"))));
    }
}
