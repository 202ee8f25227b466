//! Changes of webhooks, and their audit entries.

use super::{NewWebhook, Webhook, WebhookSecret, WebhookTypes, WebhookUrl};
use crate::{
    Timestamp,
    audit::{AuditChanges, AuditEntry, AuditValue},
    id::WebhookId,
    patch::Set,
};
use chrono::TimeDelta;

/// A patch of a webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookPatch {
    pub url: Set<WebhookUrl>,
    /// Replaces all types.
    pub types: Set<WebhookTypes>,
    pub is_active: Set<bool>,
}

/// The fields of a webhook to save. Fields that are absent keep what is stored by then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookChange {
    pub id: WebhookId,
    pub url: Option<WebhookUrl>,
    pub types: Option<WebhookTypes>,
    pub is_active: Option<bool>,
    /// The webhook's `updated_at`, unless its own is later.
    pub at: Timestamp,
    /// The audit entry that is committed with the change.
    pub audit: Option<AuditEntry>,
}

impl Webhook {
    /// Applies a patch. `None` if it changes nothing.
    pub fn apply(&self, patch: WebhookPatch, now: Timestamp) -> Option<WebhookChange> {
        let WebhookPatch { url, types, is_active } = patch;
        let url = url.filter(|url| *url != self.url);
        let types = types.filter(|types| *types != self.types);
        let is_active = is_active.filter(|is_active| *is_active != self.is_active);
        let changes = url.is_some() || types.is_some() || is_active.is_some();
        changes.then_some(WebhookChange { id: self.id, url, types, is_active, at: now, audit: None })
    }
}

/// Another secret of a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookRotation {
    pub id: WebhookId,
    pub secret: WebhookSecret,
    pub at: Timestamp,
    /// The audit entry that is committed with the change.
    pub audit: Option<AuditEntry>,
}

impl WebhookRotation {
    /// How long the secret before signs along with the next one.
    const OVERLAP: TimeDelta = TimeDelta::hours(24);

    /// The time at which the present secret signs no more.
    pub fn previous_until(&self) -> Timestamp {
        self.at + Self::OVERLAP
    }
}

impl AuditChanges {
    /// Of the URL scheme and host are recorded, as the rest may contain a secret.
    pub fn of_new_webhook(webhook: &NewWebhook) -> Self {
        Self::default()
            .set("url", webhook.url.scheme_and_host().as_str())
            .set("types", webhook.types.to_string().as_str())
            .set("project_id", webhook.project_id.get())
    }

    /// Of a URL whose path or query changed, both texts are equal.
    pub fn of_webhook(before: &Webhook, change: &WebhookChange) -> Self {
        let shown = |url: &WebhookUrl| AuditValue::from(url.scheme_and_host().as_str());
        let url = change.url.as_ref().map(|url| ("url", shown(&before.url), shown(url)));
        let types = change.types.as_ref().unwrap_or(&before.types).to_string();
        let is_active = change.is_active.unwrap_or(before.is_active);
        let changes = Self(url.into_iter().collect()).field("is_active", before.is_active, is_active);
        changes.field("types", before.types.to_string().as_str(), types.as_str())
    }

    pub fn of_deleted_webhook(webhook: &Webhook) -> Self {
        Self::default()
            .unset("url", webhook.url.scheme_and_host().as_str())
            .unset("project_id", webhook.project_id.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{id::ProjectId, webhook::WebhookEventType};

    fn new_webhook() -> NewWebhook {
        NewWebhook {
            project_id: ProjectId::new(7),
            url: WebhookUrl::parse("https://example.org/s3cret".to_owned()).unwrap(),
            types: WebhookTypes::parse(vec![WebhookEventType::TaskCreated]).unwrap(),
            secret: WebhookSecret::new([7; 32]),
            created_at: Timestamp::UNIX_EPOCH,
            quota: 1,
            audit: None,
        }
    }

    #[test]
    fn former_secret_signs_for_a_day() {
        let at = Timestamp::UNIX_EPOCH;
        let rotation = WebhookRotation { id: WebhookId::new(3), secret: WebhookSecret::new([7; 32]), at, audit: None };
        assert_eq!(rotation.previous_until() - at, TimeDelta::days(1));
    }

    #[test]
    fn audit_has_what_was_created_and_deleted() {
        let (null, project) = (|| AuditValue::Null, AuditValue::Number(7));
        let (url, types) = (AuditValue::from("https://example.org"), AuditValue::from("task.created"));
        let created = [("url", null(), url.clone()), ("types", null(), types), ("project_id", null(), project.clone())];
        assert_eq!(AuditChanges::of_new_webhook(&new_webhook()).0, created);
        let deleted = [("url", url, null()), ("project_id", project, null())];
        assert_eq!(AuditChanges::of_deleted_webhook(&new_webhook().stored(WebhookId::new(3))).0, deleted);
    }

    #[test]
    fn each_field_that_differs_is_saved_and_audited() {
        let webhook = new_webhook().stored(WebhookId::new(3));
        let types = WebhookTypes::parse(vec![WebhookEventType::TaskDeleted]).unwrap();
        let patches = [
            WebhookPatch { types: Some(types), ..WebhookPatch::default() },
            WebhookPatch { is_active: Some(false), ..WebhookPatch::default() },
        ];
        let audited = patches.map(|patch| {
            let change = webhook.apply(patch, Timestamp::UNIX_EPOCH).unwrap();
            AuditChanges::of_webhook(&webhook, &change).0
        });
        let types = [AuditValue::from("task.created"), AuditValue::from("task.deleted")];
        let [before, after] = types;
        assert_eq!(audited[0], [("types", before, after)]);
        assert_eq!(audited[1], [("is_active", AuditValue::Bool(true), AuditValue::Bool(false))]);
    }
}
