//! Webhooks: requests that tell a project's owner's own service of its changes, as
//! [Standard Webhooks](https://www.standardwebhooks.com) has them.

mod attempt;
mod change;
mod delivery;
mod event_type;
mod schedule;
mod secret;
mod url;

pub use attempt::{Attempt, AttemptOutcome, DueDelivery, MAX_FAILING, SLOW_ATTEMPT, WebhookEnd};
pub use change::{WebhookChange, WebhookPatch, WebhookRotation};
pub use delivery::{
    DELIVERY_RETENTION, Delivery, DeliveryContent, DeliveryInProject, DeliveryStatus, DeliverySubject, MAX_DELIVERIES,
    MAX_PINGS, MessageId, NewDelivery, NewPing,
};
pub use event_type::{DeliveryType, WebhookEventType, WebhookTypes};
pub use schedule::{MAX_RETRY_AFTER, RetryAfter, RetrySchedule};
pub use secret::WebhookSecret;
pub use url::WebhookUrl;

use crate::{
    Timestamp,
    audit::AuditEntry,
    id::{ProjectId, WebhookId},
    task::TaskProject,
};

/// The most webhooks of a project. Those that are not active count, too.
pub const MAX_WEBHOOKS: u32 = 20;

/// A receiver of a project's changes. It has no version: of two changes at once, each keeps the fields that it sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Ids of deleted webhooks are not reused.
    pub id: WebhookId,
    pub project_id: ProjectId,
    pub url: WebhookUrl,
    /// The changes that are delivered.
    pub types: WebhookTypes,
    /// Whether changes are delivered at all. The server sets it to false where the receiver is gone.
    pub is_active: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// The webhook can't send, as it is not active.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the webhook is not active; set `is_active` to true first")]
pub struct InactiveWebhook;

impl Webhook {
    /// Returns [`InactiveWebhook`] unless the webhook is active.
    pub fn check_active(&self) -> Result<(), InactiveWebhook> {
        if self.is_active { Ok(()) } else { Err(InactiveWebhook) }
    }
}

/// A webhook with its project, read in one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookInProject {
    pub webhook: Webhook,
    pub project: TaskProject,
}

/// A webhook that is not yet stored. It begins as active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWebhook {
    pub project_id: ProjectId,
    pub url: WebhookUrl,
    pub types: WebhookTypes,
    pub secret: WebhookSecret,
    pub created_at: Timestamp,
    /// Maximum number of webhooks in the project, this one included.
    pub quota: u32,
    /// The audit entry that is committed with the webhook.
    pub audit: Option<AuditEntry>,
}

impl NewWebhook {
    /// The webhook that storage creates, for the id that it assigned.
    pub fn stored(&self, id: WebhookId) -> Webhook {
        Webhook {
            id,
            project_id: self.project_id,
            url: self.url.clone(),
            types: self.types.clone(),
            is_active: true,
            created_at: self.created_at,
            updated_at: self.created_at,
        }
    }
}

#[cfg(test)]
mod tests;
