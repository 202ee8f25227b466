use super::{MISSING, Webhooks};
use crate::Error;
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    id::WebhookId,
    policy::Actor,
    webhook::{Webhook, WebhookPatch},
};

#[derive(Clone, Debug)]
pub struct UpdateWebhook {
    pub actor: Actor,
    pub id: WebhookId,
    pub patch: WebhookPatch,
    pub origin: Origin,
}

impl Webhooks {
    // @spec SPEC-025
    /// Changes a webhook. Fails with [`Error::NotFound`], [`Error::Forbidden`], or [`Error::Validation`] on `url`.
    #[tracing::instrument(name = "webhook.update", skip_all)]
    pub async fn update(&self, command: UpdateWebhook) -> Result<Webhook, Error> {
        let UpdateWebhook { actor, id, patch, origin } = command;
        let found = self.find(id, &actor).await?;
        if let Some(url) = &patch.url {
            self.check_url(url).await?;
        }
        let now = self.clock.now();
        let Some(mut change) = found.apply(patch, now) else { return Ok(found) };
        let line = AuditEntry::new(now, Some(actor.id), AuditAction::WebhookUpdated, origin)
            .with_object(AuditObject::Webhook(id))
            .with_changes(AuditChanges::of_webhook(&found, &change));
        change.audit = Some(line);
        self.webhooks.save(change).await?.ok_or(MISSING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, now, origin, parsed, run},
        webhook::fixtures::{finding, judging, webhook},
    };
    use fasttrack_domain::{
        field::Invalid,
        ports::webhook::{EndpointPolicy, MockEndpointPolicy, MockWebhookRepository},
        webhook::WebhookChange,
    };
    use std::sync::Arc;

    fn update(
        actor: Actor,
        patch: WebhookPatch,
        webhooks: MockWebhookRepository,
        endpoint_policy: Arc<dyn EndpointPolicy>,
    ) -> Result<Webhook, Error> {
        let update = Webhooks { webhooks: Arc::new(webhooks), endpoint_policy, ..Webhooks::mocked() };
        run(update.update(UpdateWebhook { actor, id: WebhookId::new(3), patch, origin: origin() }))
    }

    fn deactivating() -> WebhookPatch {
        WebhookPatch { is_active: Some(false), ..WebhookPatch::default() }
    }

    fn unasked() -> Arc<MockEndpointPolicy> {
        Arc::new(MockEndpointPolicy::new())
    }

    #[test]
    fn only_what_changes_is_saved() {
        for actor in [OWNER, ADMIN] {
            let id = WebhookId::new(3);
            let mut expected =
                WebhookChange { id, url: None, types: None, is_active: Some(false), at: now(), audit: None };
            let line = AuditEntry::new(now(), Some(actor.id), AuditAction::WebhookUpdated, origin())
                .with_object(AuditObject::Webhook(id))
                .with_changes(AuditChanges::default().field("is_active", true, false));
            expected.audit = Some(line);
            let inactive = Webhook { is_active: false, ..webhook() };
            let answer = inactive.clone();
            let mut webhooks = finding([Some(webhook())]);
            webhooks.expect_save().times(1).withf(move |change| *change == expected).return_once(|_| Ok(Some(answer)));
            let patch = WebhookPatch { types: Some(webhook().types), ..deactivating() };
            assert_eq!(update(actor, patch, webhooks, unasked()).unwrap(), inactive);
        }
    }

    #[test]
    fn a_patch_that_changes_nothing_commits_nothing() {
        let patch = WebhookPatch { url: Some(webhook().url), is_active: Some(true), ..WebhookPatch::default() };
        let unchanged = update(OWNER, patch, finding([Some(webhook())]), judging(Ok(())));
        assert_eq!(unchanged.unwrap(), webhook());
    }

    #[test]
    fn url_that_nothing_may_be_sent_to_is_refused() {
        let patch = WebhookPatch { url: Some(parsed("https://127.0.0.1/")), ..WebhookPatch::default() };
        let judgment = judging(Err(Invalid::new("forbidden_address", "must be public")));
        let refused = update(OWNER, patch, finding([Some(webhook())]), judgment);
        let Err(Error::Validation(faults)) = refused else { panic!("{refused:?}") };
        assert_eq!((faults[0].field.as_str(), faults[0].code), ("url", "forbidden_address"));
    }

    #[test]
    fn others_are_refused_and_what_is_gone_is_not_found() {
        for actor in [STRANGER, ASSIGNEE, VIEWER, COMMENTER, EDITOR] {
            let missing = update(actor.clone(), deactivating(), finding([None]), unasked());
            assert!(matches!(missing, Err(Error::NotFound("webhook"))));
            let refused = update(actor, deactivating(), finding([Some(webhook())]), unasked());
            assert!(matches!(refused, Err(Error::Forbidden(_))));
        }
        let mut webhooks = finding([Some(webhook())]);
        webhooks.expect_save().times(1).return_once(|_| Ok(None));
        let gone = update(OWNER, deactivating(), webhooks, unasked());
        assert!(matches!(gone, Err(Error::NotFound("webhook"))));
    }
}
