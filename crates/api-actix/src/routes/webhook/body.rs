//! The bodies of requests that create and change webhooks.

use crate::{
    input::{fault::Faults, field::NonNull},
    payload::word,
};
use deserr::Deserr;
use fasttrack_domain::webhook::{WebhookPatch, WebhookTypes, WebhookUrl};
use utoipa::ToSchema;

/// A new webhook.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"url": "https://example.org/hooks/fasttrack", "types": ["task.created", "task.updated"]}))]
pub struct CreateWebhookBody {
    /// Where requests are sent: `https`, without credentials, at a public address.
    #[schema(value_type = String, min_length = 1, max_length = 2_000)]
    pub url: WebhookUrl,
    /// What is sent; every type where absent.
    #[deserr(default)]
    #[schema(schema_with = word::webhook_types, required = false)]
    pub types: NonNull<WebhookTypes>,
}

/// The fields to change; an absent one stays as it is.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"types": ["task.created"], "is_active": true}))]
pub struct PatchWebhookBody {
    /// Where requests are sent: `https`, without credentials, at a public address.
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 2_000)]
    url: NonNull<WebhookUrl>,
    /// All types that are sent from now on.
    #[deserr(default)]
    #[schema(schema_with = word::webhook_types, required = false)]
    types: NonNull<WebhookTypes>,
    /// Whether anything is sent.
    #[deserr(default)]
    #[schema(value_type = bool, required = false)]
    is_active: NonNull<bool>,
}

impl From<PatchWebhookBody> for WebhookPatch {
    fn from(PatchWebhookBody { url, types, is_active }: PatchWebhookBody) -> Self {
        Self { url: url.0, types: types.0, is_active: is_active.0 }
    }
}
