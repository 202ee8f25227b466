use super::Webhooks;
use crate::{
    Error,
    retry::{until_committed, within_quota},
};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, Origin},
    id::ProjectId,
    policy::{Actor, ProjectAction},
    quota::QuotaKind,
    webhook::{MAX_WEBHOOKS, NewWebhook, Webhook, WebhookSecret, WebhookTypes, WebhookUrl},
};

#[derive(Clone, Debug)]
pub struct CreateWebhook {
    pub actor: Actor,
    pub project_id: ProjectId,
    pub url: WebhookUrl,
    /// All types where absent.
    pub types: Option<WebhookTypes>,
    pub origin: Origin,
}

/// A new webhook with its secret, which no later answer contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedWebhook {
    pub webhook: Webhook,
    pub secret: WebhookSecret,
}

impl Webhooks {
    // @spec SPEC-025
    /// Creates a webhook of a project that the actor may manage.
    ///
    /// Fails with [`Error::NotFound`], [`Error::Forbidden`], [`Error::Validation`] on `url`, or
    /// [`Error::QuotaExceeded`].
    #[tracing::instrument(name = "webhook.create", skip_all)]
    pub async fn create(&self, command: CreateWebhook) -> Result<CreatedWebhook, Error> {
        until_committed(|| self.try_create(&command)).await
    }

    async fn try_create(&self, command: &CreateWebhook) -> Result<Option<CreatedWebhook>, Error> {
        let CreateWebhook { actor, project_id, url, types, origin } = command;
        let found = self.tasks.find_project(*project_id, actor.id).await?;
        let project = found.ok_or(Error::NotFound("project"))?;
        actor.authorize(project.action(ProjectAction::Manage))?;
        self.check_url(url).await?;
        let (secret, now) = (self.secrets.draw_webhook_secret(), self.clock.now());
        let mut webhook = NewWebhook {
            project_id: project.id,
            url: url.clone(),
            types: types.clone().unwrap_or_else(WebhookTypes::all),
            secret: secret.clone(),
            created_at: now,
            quota: MAX_WEBHOOKS,
            audit: None,
        };
        let line = AuditEntry::new(now, Some(actor.id), AuditAction::WebhookCreated, origin.clone());
        webhook.audit = Some(line.with_changes(AuditChanges::of_new_webhook(&webhook)));
        let created = within_quota(self.webhooks.create(webhook).await, QuotaKind::Webhooks, MAX_WEBHOOKS)?;
        Ok(created.map(|webhook| CreatedWebhook { webhook, secret }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, conflict, now, origin, project, run},
        webhook::fixtures::{drawing, finding_project, judging, secret, webhook},
    };
    use fasttrack_domain::{
        field::Invalid,
        ports::{constraint, webhook::MockWebhookRepository},
        webhook::WebhookEventType,
    };
    use std::sync::Arc;

    fn create(actor: Actor, types: Option<WebhookTypes>, webhooks: &Webhooks) -> Result<CreatedWebhook, Error> {
        let (project_id, url) = (project().id, webhook().url);
        run(webhooks.create(CreateWebhook { actor, project_id, url, types, origin: origin() }))
    }

    fn storing(webhooks: MockWebhookRepository) -> Webhooks {
        Webhooks {
            webhooks: Arc::new(webhooks),
            tasks: finding_project(true),
            endpoint_policy: judging(Ok(())),
            secrets: drawing(),
            ..Webhooks::mocked()
        }
    }

    #[test]
    fn owner_and_admin_create_a_webhook_and_get_its_secret() {
        let one = WebhookTypes::parse(vec![WebhookEventType::TaskCreated]).unwrap();
        for (actor, types) in [(OWNER, None), (ADMIN, Some(one))] {
            let mut expected = NewWebhook {
                project_id: project().id,
                url: webhook().url,
                types: types.clone().unwrap_or_else(WebhookTypes::all),
                secret: secret(),
                created_at: now(),
                quota: 20,
                audit: None,
            };
            let line = AuditEntry::new(now(), Some(actor.id), AuditAction::WebhookCreated, origin());
            expected.audit = Some(line.with_changes(AuditChanges::of_new_webhook(&expected)));
            let mut webhooks = MockWebhookRepository::new();
            webhooks.expect_create().times(1).withf(move |new| *new == expected).return_once(|_| Ok(webhook()));
            let created = create(actor, types, &storing(webhooks)).unwrap();
            assert_eq!(created, CreatedWebhook { webhook: webhook(), secret: secret() });
        }
    }

    #[test]
    fn existence_then_permission_then_the_url() {
        let of = |is_there| Webhooks { tasks: finding_project(is_there), ..Webhooks::mocked() };
        for actor in [STRANGER, ASSIGNEE, VIEWER, COMMENTER, EDITOR] {
            assert!(matches!(create(actor.clone(), None, &of(false)), Err(Error::NotFound("project"))));
            assert!(matches!(create(actor, None, &of(true)), Err(Error::Forbidden(_))));
        }
        let judgment = judging(Err(Invalid::new("https_required", "must be https")));
        let refused = create(OWNER, None, &Webhooks { endpoint_policy: judgment, ..of(true) });
        let Err(Error::Validation(faults)) = refused else { panic!("{refused:?}") };
        assert_eq!((faults[0].field.as_str(), faults[0].code), ("url", "https_required"));
    }

    #[test]
    fn webhook_beyond_the_quota_is_refused() {
        let mut webhooks = MockWebhookRepository::new();
        webhooks.expect_create().times(1).return_once(|_| Err(conflict(constraint::QUOTA)));
        let refused = create(OWNER, None, &storing(webhooks));
        assert!(matches!(refused, Err(Error::QuotaExceeded(error)) if error.limit == 20));
    }
}
