use super::{DeliveryAttempted, WebhookDeliveries};
use crate::Error;
use chrono::TimeDelta;
use fasttrack_domain::{
    id::{DeliveryId, WebhookId},
    job::WorkerId,
    ports::webhook::{LeasedWebhook, WebhookSlots},
    webhook::DueDelivery,
};

/// How long a webhook is leased. A sender that doesn't extend the lease in time loses the webhook to another. After a
/// crash nothing is sent for so long.
const LEASE: TimeDelta = TimeDelta::seconds(20);

/// The most deliveries that are sent to one receiver at once.
pub const MAX_IN_FLIGHT: u32 = 8;

// @spec SPEC-025
// @decision DEC-0034
/// A worker that sends deliveries. The caller decides when it runs, and for how many webhooks at once: for each leased one
/// it attempts what is due until nothing is, and releases it.
pub struct WebhookSender {
    deliveries: WebhookDeliveries,
    id: WorkerId,
}

impl WebhookSender {
    /// Creates a sender. No other worker may have this `id`.
    pub fn new(deliveries: WebhookDeliveries, id: WorkerId) -> Self {
        Self { deliveries, id }
    }

    /// Leases due webhooks, one for each free slot, for 20 seconds; [`extend`](Self::extend) prolongs the leases.
    pub async fn lease(&self, places: WebhookSlots) -> Result<Vec<LeasedWebhook>, Error> {
        let now = self.deliveries.clock.now();
        Ok(self.deliveries.queue.lease(self.id.clone(), now, now + LEASE, places).await?)
    }

    /// Returns deliveries of a leased webhook that are to be attempted beside those that are `in_flight`. None where
    /// [`MAX_IN_FLIGHT`] are, where nothing is due, or where the lease was lost.
    pub async fn due(&self, webhook: WebhookId, in_flight: &[DeliveryId]) -> Result<Vec<DueDelivery>, Error> {
        let most = usize::try_from(MAX_IN_FLIGHT).unwrap_or(usize::MAX);
        let room = most.saturating_sub(in_flight.len());
        if room == 0 {
            return Ok(Vec::new());
        }
        let now = self.deliveries.clock.now();
        // What is in flight is due until it is recorded, and comes first.
        let due = self.deliveries.queue.due(webhook, self.id.clone(), now, MAX_IN_FLIGHT).await?.unwrap_or_default();
        Ok(due.into_iter().filter(|delivery| !in_flight.contains(&delivery.id)).take(room).collect())
    }

    /// Sends a delivery once, and records what came of it.
    #[tracing::instrument(
        target = "fasttrack::webhook",
        name = "delivery",
        skip_all,
        fields(
            otel.name = delivery.content.kind().as_str(),
            delivery.id = delivery.id.get(),
            webhook.id = delivery.webhook_id.get(),
        )
    )]
    pub async fn attempt(&self, delivery: DueDelivery) -> Result<DeliveryAttempted, Error> {
        self.deliveries.attempt(self.id.clone(), delivery).await
    }

    /// Prolongs the leases of these webhooks for another 20 seconds. Call it every few seconds for those that are being
    /// sent for, and for no others.
    pub async fn extend(&self, webhooks: Vec<WebhookId>) -> Result<(), Error> {
        let until = self.deliveries.clock.now() + LEASE;
        Ok(self.deliveries.queue.extend(webhooks, self.id.clone(), until).await?)
    }

    /// Releases the lease of a webhook for which nothing is in flight.
    pub async fn release(&self, webhook: WebhookId) -> Result<(), Error> {
        self.deliveries.queue.release(webhook, self.id.clone(), self.deliveries.clock.now()).await?;
        Ok(())
    }

    /// Releases every lease of this sender. Returns how many.
    pub async fn release_all(&self) -> Result<u64, Error> {
        Ok(self.deliveries.queue.release_all(self.id.clone(), self.deliveries.clock.now()).await?)
    }

    /// Waits until there may be a due webhook.
    pub async fn wait(&self) {
        self.deliveries.queue.wait().await;
    }
}
