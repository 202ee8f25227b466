//! Sending of deliveries.

mod sender;

pub use sender::{MAX_IN_FLIGHT, WebhookSender};

use crate::{Config, Error, Ports, stored_error::one_line};
use fasttrack_domain::{
    Timestamp,
    failure::chain,
    job::WorkerId,
    ports::{
        clock::Clock,
        webhook::{
            DeliveryEncoder, EncodeError, Recorded, SendError, WebhookQueue, WebhookRequest, WebhookResponse,
            WebhookTransport,
        },
    },
    webhook::{Attempt, AttemptOutcome, DueDelivery, RetrySchedule, SLOW_ATTEMPT},
};
use std::sync::Arc;

/// What sends the deliveries of webhooks.
#[derive(Clone)]
pub struct WebhookDeliveries {
    pub queue: Arc<dyn WebhookQueue>,
    pub transport: Arc<dyn WebhookTransport>,
    pub encoder: Arc<dyn DeliveryEncoder>,
    pub clock: Arc<dyn Clock>,
    pub retries: RetrySchedule,
}

/// The result of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryAttempted {
    Delivered,
    /// The attempt failed; there will be another.
    Retried,
    /// The attempt failed, and it was the last.
    Failed,
    /// The attempt failed, and ended the webhook.
    Ended,
}

impl DeliveryAttempted {
    /// Every value.
    pub const ALL: [Self; 4] = [Self::Delivered, Self::Retried, Self::Failed, Self::Ended];

    /// The name in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Retried => "retried",
            Self::Failed => "failed",
            Self::Ended => "ended",
        }
    }
}

/// Why an attempt got no answer.
#[derive(Debug, thiserror::Error)]
enum Unsent {
    #[error(transparent)]
    Encode(#[from] EncodeError),
    #[error(transparent)]
    Send(#[from] SendError),
}

impl WebhookDeliveries {
    pub(crate) fn new(ports: &Ports, config: &Config) -> Self {
        Self {
            queue: ports.repositories.webhook_queue.clone(),
            transport: ports.webhook_transport.clone(),
            encoder: ports.delivery_encoder.clone(),
            clock: ports.clock.clone(),
            retries: config.webhook_retries.clone(),
        }
    }

    /// Sends a delivery once, and records what came of it.
    async fn attempt(&self, worker: WorkerId, delivery: DueDelivery) -> Result<DeliveryAttempted, Error> {
        let begun = self.clock.now();
        let answer = self.send(&delivery, begun).await;
        let attempt = self.judge(&delivery, answer, begun);
        let (id, webhook_id, outcome) = (attempt.delivery_id.get(), attempt.webhook_id.get(), attempt.outcome);
        if let Some(error) = &attempt.error {
            tracing::debug!(id, webhook_id, %error, ?outcome, "a delivery failed");
        }
        let recorded = self.queue.record(worker, attempt).await?;
        if let Recorded::Ended(end) = recorded {
            tracing::warn!(webhook_id, ?end, "a webhook was ended");
            return Ok(DeliveryAttempted::Ended);
        }
        Ok(match outcome {
            AttemptOutcome::Delivered => DeliveryAttempted::Delivered,
            AttemptOutcome::Retry(_) => DeliveryAttempted::Retried,
            AttemptOutcome::Failed => DeliveryAttempted::Failed,
            AttemptOutcome::Gone => DeliveryAttempted::Ended,
        })
    }

    async fn send(&self, delivery: &DueDelivery, timestamp: Timestamp) -> Result<WebhookResponse, Unsent> {
        let request = WebhookRequest {
            url: delivery.url.clone(),
            message_id: delivery.message_id.clone(),
            timestamp,
            body: self.encoder.encode(&delivery.content)?,
            secrets: delivery.secrets.clone(),
        };
        Ok(self.transport.send(request).await?)
    }

    // @spec SPEC-025
    /// Decides what an answer means. The attempt began at `begun`, and ends now.
    fn judge(&self, delivery: &DueDelivery, answer: Result<WebhookResponse, Unsent>, begun: Timestamp) -> Attempt {
        let at = self.clock.now();
        let retry = |retry_after| {
            let retry_at = self.retries.next_attempt(delivery.id, delivery.failures + 1, at, retry_after);
            retry_at.map_or(AttemptOutcome::Failed, AttemptOutcome::Retry)
        };
        let (outcome, status, error) = match answer {
            Ok(WebhookResponse { status, .. }) if (200..300).contains(&status) => {
                (AttemptOutcome::Delivered, Some(status), None)
            }
            Ok(WebhookResponse { status, retry_after }) => {
                let outcome = if status == 410 { AttemptOutcome::Gone } else { retry(retry_after) };
                (outcome, Some(status), Some(format!("the receiver answered {status}")))
            }
            Err(Unsent::Send(error)) => (retry(None), None, Some(one_line(&error.to_string()))),
            Err(Unsent::Encode(error)) => {
                tracing::error!(id = delivery.id.get(), error = %chain(&error), "a delivery can't be encoded");
                (AttemptOutcome::Failed, None, Some(error.to_string()))
            }
        };
        let is_slow = outcome != AttemptOutcome::Delivered || at - begun > SLOW_ATTEMPT;
        Attempt { delivery_id: delivery.id, webhook_id: delivery.webhook_id, at, outcome, status, error, is_slow }
    }
}

#[cfg(test)]
mod tests;
