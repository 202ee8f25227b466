//! Webhooks, their deliveries, and what is sent to them.

mod encoder;

pub use encoder::JsonDeliveryEncoder;

use super::{timestamp, word};
use chrono::{DateTime, Utc};
use fasttrack_app::webhook::CreatedWebhook;
use fasttrack_domain::webhook::{Delivery, Webhook, WebhookEventType, WebhookSecret};
use serde::Serialize;
use utoipa::ToSchema;

/// Where changes of a project are sent. Its secret is shown when it is made, and never again.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook, example = json!({
    "id": 5, "project_id": 1, "url": "https://example.org/hooks/fasttrack",
    "types": ["task.created", "task.updated"], "is_active": true,
    "created_at": "2026-01-02T03:04:05.678901Z", "updated_at": "2026-01-02T03:04:05.678901Z"
}))]
pub struct WebhookPayload {
    id: i64,
    project_id: i64,
    url: String,
    #[schema(schema_with = word::webhook_types)]
    types: Vec<&'static str>,
    /// Whether anything is sent. A receiver ends it by 410, and so do five days of nothing but failures.
    is_active: bool,
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "timestamp::serialize")]
    updated_at: DateTime<Utc>,
}

impl From<Webhook> for WebhookPayload {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id.get(),
            project_id: webhook.project_id.get(),
            url: webhook.url.as_str().to_owned(),
            types: webhook.types.as_slice().iter().copied().map(WebhookEventType::as_str).collect(),
            is_active: webhook.is_active,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

/// A new webhook with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = NewWebhook, example = json!({
    "id": 5, "project_id": 1, "url": "https://example.org/hooks/fasttrack",
    "types": ["task.created", "task.updated"], "is_active": true,
    "created_at": "2026-01-02T03:04:05.678901Z", "updated_at": "2026-01-02T03:04:05.678901Z",
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwbWVlbWVkbHk="
}))]
pub struct NewWebhookPayload {
    id: i64,
    project_id: i64,
    url: String,
    #[schema(schema_with = word::webhook_types)]
    types: Vec<&'static str>,
    is_active: bool,
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "timestamp::serialize")]
    updated_at: DateTime<Utc>,
    /// What signs the requests, as Standard Webhooks has it. It is shown this once.
    secret: String,
}

impl From<CreatedWebhook> for NewWebhookPayload {
    fn from(CreatedWebhook { webhook, secret }: CreatedWebhook) -> Self {
        let WebhookPayload { id, project_id, url, types, is_active, created_at, updated_at } = webhook.into();
        let secret = secret.expose().to_owned();
        Self { id, project_id, url, types, is_active, created_at, updated_at, secret }
    }
}

/// The new secret of a webhook.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookSecret, example = json!({"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwbWVlbWVkbHk="}))]
pub struct WebhookSecretPayload {
    /// What signs the requests, as Standard Webhooks has it. It is shown this once.
    secret: String,
}

impl From<WebhookSecret> for WebhookSecretPayload {
    fn from(secret: WebhookSecret) -> Self {
        Self { secret: secret.expose().to_owned() }
    }
}

/// What is sent to a webhook, and how that went.
#[derive(Serialize, ToSchema)]
#[schema(as = Delivery, example = json!({
    "id": 42, "webhook_id": 5, "type": "task.updated", "status": "pending", "attempts": 1, "last_status": 503,
    "last_error": "the receiver answered 503", "next_attempt_at": "2026-01-02T03:04:10.678901Z",
    "created_at": "2026-01-02T03:04:05.678901Z"
}))]
pub struct DeliveryPayload {
    id: i64,
    webhook_id: i64,
    #[serde(rename = "type")]
    #[schema(schema_with = word::delivery_type)]
    kind: &'static str,
    #[schema(schema_with = word::delivery_status)]
    status: &'static str,
    /// How often it was sent.
    attempts: u32,
    /// The status that the receiver answered last.
    #[schema(required)]
    last_status: Option<u16>,
    /// Why the last attempt failed.
    #[schema(required)]
    last_error: Option<String>,
    /// When it is sent next; null where it is not.
    #[schema(required, value_type = Option<DateTime<Utc>>)]
    next_attempt_at: Option<String>,
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
}

impl From<Delivery> for DeliveryPayload {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id.get(),
            webhook_id: delivery.webhook_id.get(),
            kind: delivery.kind.as_str(),
            status: delivery.status.as_str(),
            attempts: delivery.attempts,
            last_status: delivery.last_status,
            last_error: delivery.last_error,
            next_attempt_at: delivery.next_attempt_at.map(timestamp::text),
            created_at: delivery.created_at,
        }
    }
}
