use super::Webhooks;
use crate::Error;
use fasttrack_domain::{id::WebhookId, policy::Actor, webhook::Webhook};

impl Webhooks {
    // @spec SPEC-025
    /// Returns a webhook of a project that the actor may manage. Fails with [`Error::NotFound`] or [`Error::Forbidden`].
    #[tracing::instrument(name = "webhook.get", skip_all)]
    pub async fn get(&self, actor: Actor, id: WebhookId) -> Result<Webhook, Error> {
        self.find(id, &actor).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, run},
        webhook::fixtures::{finding, webhook},
    };
    use std::sync::Arc;

    fn get(actor: Actor, found: Option<Webhook>) -> Result<Webhook, Error> {
        run(Webhooks { webhooks: Arc::new(finding([found])), ..Webhooks::mocked() }.get(actor, WebhookId::new(3)))
    }

    #[test]
    fn owner_and_admin_read_a_webhook() {
        for actor in [OWNER, ADMIN] {
            assert_eq!(get(actor, Some(webhook())).unwrap(), webhook());
        }
    }

    #[test]
    fn nobody_else_reads_it_and_what_is_gone_is_not_found() {
        for actor in [STRANGER, ASSIGNEE, VIEWER, COMMENTER, EDITOR] {
            assert!(matches!(get(actor.clone(), None), Err(Error::NotFound("webhook"))));
            assert!(matches!(get(actor, Some(webhook())), Err(Error::Forbidden(_))));
        }
    }
}
