//! Receivers of webhooks that fail at times.

use crate::ports::Line;
use async_trait::async_trait;
use fasttrack_domain::{
    field::Invalid,
    ports::webhook::{
        DeliveryEncoder, EncodeError, EndpointPolicy, SendError, WebhookRequest, WebhookResponse, WebhookTransport,
    },
    webhook::{DeliveryContent, RetryAfter, WebhookUrl},
};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

/// The messages that were received with success, whatever the sender got to know of it.
#[derive(Default)]
pub(crate) struct Received(Mutex<BTreeSet<String>>);

impl Received {
    fn add(&self, message: &str) {
        self.0.lock().unwrap().insert(message.to_owned());
    }

    pub(crate) fn contains(&self, message: &str) -> bool {
        self.0.lock().unwrap().contains(message)
    }
}

pub(crate) struct Receivers {
    pub(crate) line: Line,
    pub(crate) received: Arc<Received>,
}

#[async_trait]
impl WebhookTransport for Receivers {
    async fn send(&self, request: WebhookRequest) -> Result<WebhookResponse, SendError> {
        let answered = |status| WebhookResponse { status, retry_after: None };
        let note = |outcome: &str| self.line.sim.note(Some(self.line.node), format_args!("webhook: {outcome}"));
        self.line.pause().await;
        if self.line.happens(60) {
            note("unreachable");
            return Err(SendError("the receiver is unreachable".to_owned()));
        }
        if self.line.happens(60) {
            note("503");
            let retry_after = Some(RetryAfter::Delay(Duration::from_secs(3)));
            return Ok(WebhookResponse { status: 503, retry_after });
        }
        if self.line.happens(4) {
            note("410");
            return Ok(answered(410));
        }
        self.received.add(request.message_id.as_str());
        note("received");
        self.line.pause().await;
        if self.line.happens(30) {
            note("answer lost");
            return Err(SendError("the answer was lost".to_owned()));
        }
        Ok(answered(204))
    }
}

/// Allows every URL.
pub(crate) struct AnyEndpoint;

#[async_trait]
impl EndpointPolicy for AnyEndpoint {
    async fn check(&self, _: &WebhookUrl) -> Result<(), Invalid> {
        Ok(())
    }
}

/// Writes a content as Rust's `Debug`.
pub(crate) struct PlainEncoder;

impl DeliveryEncoder for PlainEncoder {
    fn encode(&self, content: &DeliveryContent) -> Result<String, EncodeError> {
        Ok(format!("{content:?}"))
    }
}
