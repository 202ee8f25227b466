use super::Webhooks;
use crate::Error;
use fasttrack_domain::{
    id::WebhookId,
    page::{Page, PageRequest},
    policy::Actor,
    webhook::Delivery,
};

#[derive(Clone, Debug)]
pub struct ListDeliveries {
    pub actor: Actor,
    pub webhook_id: WebhookId,
    pub page: PageRequest,
}

impl Webhooks {
    // @spec SPEC-025
    /// Lists what a webhook delivers, the newest first. Fails with [`Error::NotFound`] or [`Error::Forbidden`].
    #[tracing::instrument(name = "webhook.list_deliveries", skip_all)]
    pub async fn list_deliveries(&self, command: ListDeliveries) -> Result<Page<Delivery>, Error> {
        let ListDeliveries { actor, webhook_id, page } = command;
        let webhook = self.find(webhook_id, &actor).await?;
        Ok(self.webhooks.deliveries(webhook.id, page).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, run},
        webhook::fixtures::{delivery, finding, webhook},
    };
    use fasttrack_domain::{page::Cursor, ports::webhook::MockWebhookRepository};
    use std::sync::Arc;

    fn list(actor: Actor, webhooks: MockWebhookRepository) -> Result<Page<Delivery>, Error> {
        let list = Webhooks { webhooks: Arc::new(webhooks), ..Webhooks::mocked() };
        let page = PageRequest { cursor: Some(Cursor::after(9)), ..PageRequest::default() };
        run(list.list_deliveries(ListDeliveries { actor, webhook_id: WebhookId::new(3), page }))
    }

    #[test]
    fn owner_and_admin_list_deliveries() {
        for actor in [OWNER, ADMIN] {
            let expected = Page { items: vec![delivery()], next: None };
            let answer = expected.clone();
            let mut webhooks = finding([Some(webhook())]);
            webhooks
                .expect_deliveries()
                .times(1)
                .withf(|id, page| id.get() == 3 && page.cursor == Some(Cursor::after(9)))
                .return_once(|_, _| Ok(answer));
            assert_eq!(list(actor, webhooks).unwrap(), expected);
        }
    }

    #[test]
    fn others_are_refused_and_what_is_gone_is_not_found() {
        for actor in [STRANGER, ASSIGNEE, VIEWER, COMMENTER, EDITOR] {
            assert!(matches!(list(actor.clone(), finding([None])), Err(Error::NotFound("webhook"))));
            assert!(matches!(list(actor, finding([Some(webhook())])), Err(Error::Forbidden(_))));
        }
    }
}
