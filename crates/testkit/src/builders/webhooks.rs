//! Webhooks, and what they send.

use super::{MOMENT, after, subscriber, unique, unique_digest};
use fasttrack_domain::{
    event::Event,
    id::{ProjectId, WebhookId},
    ports::outbox::{Consequence, EventSubscriber},
    webhook::{
        Attempt, AttemptOutcome, DueDelivery, MAX_PINGS, MAX_WEBHOOKS, NewDelivery, NewPing, NewWebhook, WebhookChange,
        WebhookRotation, WebhookSecret, WebhookTypes, WebhookUrl,
    },
};
use std::sync::Arc;

/// A webhook's URL. Panics where the text is not valid.
pub fn webhook_url(text: &str) -> WebhookUrl {
    WebhookUrl::parse(text.to_owned()).unwrap()
}

/// A secret that no other webhook has.
pub fn webhook_secret() -> WebhookSecret {
    WebhookSecret::new(unique_digest())
}

/// A webhook for every type, with a receiver of its own.
pub fn new_webhook(project_id: ProjectId) -> NewWebhook {
    NewWebhook {
        project_id,
        url: webhook_url(&format!("https://receiver{}.example/hook?key=7", unique())),
        types: WebhookTypes::all(),
        secret: webhook_secret(),
        created_at: MOMENT,
        quota: MAX_WEBHOOKS,
        audit: None,
    }
}

/// A change of a webhook that changes no field, one minute after [`MOMENT`].
pub fn webhook_change(id: WebhookId) -> WebhookChange {
    WebhookChange { id, url: None, types: None, is_active: None, at: after(1), audit: None }
}

/// Another secret of a webhook, drawn at [`MOMENT`].
pub fn webhook_rotation(id: WebhookId) -> WebhookRotation {
    WebhookRotation { id, secret: webhook_secret(), at: MOMENT, audit: None }
}

/// A ping that is requested at [`MOMENT`].
pub fn new_ping(webhook_id: WebhookId) -> NewPing {
    NewPing { webhook_id, at: MOMENT, quota: MAX_PINGS, audit: None }
}

/// An attempt that ends at `minutes` after [`MOMENT`]. A receiver answered it with the status 200 or 500.
pub fn attempt(due: &DueDelivery, minutes: i64, outcome: AttemptOutcome) -> Attempt {
    let is_success = outcome == AttemptOutcome::Delivered;
    Attempt {
        delivery_id: due.id,
        webhook_id: due.webhook_id,
        at: after(minutes),
        outcome,
        status: Some(if is_success { 200 } else { 500 }),
        error: (!is_success).then(|| "the receiver answered 500".to_owned()),
        is_slow: !is_success,
    }
}

/// A subscriber that delivers each recorded change to the webhooks of its project.
pub fn delivering() -> Arc<dyn EventSubscriber> {
    subscriber(|event, actor| match event {
        Event::Change(changed) => vec![Consequence::Deliver(NewDelivery::of(changed, actor))],
        Event::Task(_) | Event::ProjectShared(_) | Event::Touched(_) => Vec::new(),
    })
}
