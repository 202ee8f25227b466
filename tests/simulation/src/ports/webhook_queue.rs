//! The queue of deliveries, whose leases and attempts are observed.

use super::Faulty;
use async_trait::async_trait;
use fasttrack_domain::{
    Timestamp,
    id::WebhookId,
    job::WorkerId,
    ports::{
        RepositoryError,
        webhook::{LeasedWebhook, Recorded, WebhookQueue, WebhookSlots},
    },
    webhook::{Attempt, DueDelivery},
};

#[async_trait]
impl WebhookQueue for Faulty<dyn WebhookQueue> {
    async fn lease(
        &self,
        worker: WorkerId,
        now: Timestamp,
        until: Timestamp,
        places: WebhookSlots,
    ) -> Result<Vec<LeasedWebhook>, RepositoryError> {
        let work = async {
            let leased = self.inner.lease(worker.clone(), now, until, places).await;
            for webhook in leased.iter().flatten() {
                let wrong = self.line.observer.webhooks().lease(webhook.id.get(), &worker, now, until);
                self.line.observer.found("a webhook", wrong);
            }
            leased
        };
        self.line.call("webhook_queue.lease", work).await
    }

    async fn due(
        &self,
        webhook: WebhookId,
        worker: WorkerId,
        now: Timestamp,
        limit: u32,
    ) -> Result<Option<Vec<DueDelivery>>, RepositoryError> {
        self.line.call("webhook_queue.due", self.inner.due(webhook, worker, now, limit)).await
    }

    async fn record(&self, worker: WorkerId, attempt: Attempt) -> Result<Recorded, RepositoryError> {
        let work = async {
            let recorded = self.inner.record(worker.clone(), attempt.clone()).await;
            if let Ok(Recorded::Stored | Recorded::Ended(_)) = recorded {
                self.line.observer.recorded(&worker, &attempt);
            }
            recorded
        };
        self.line.call("webhook_queue.record", work).await
    }

    async fn extend(
        &self,
        webhooks: Vec<WebhookId>,
        worker: WorkerId,
        until: Timestamp,
    ) -> Result<(), RepositoryError> {
        let work = async {
            let extended = self.inner.extend(webhooks.clone(), worker.clone(), until).await;
            if extended.is_ok() {
                self.line.observer.webhooks().extend(webhooks.into_iter().map(WebhookId::get), &worker, until);
            }
            extended
        };
        self.line.call("webhook_queue.extend", work).await
    }

    async fn release(&self, webhook: WebhookId, worker: WorkerId, now: Timestamp) -> Result<bool, RepositoryError> {
        let work = async {
            let released = self.inner.release(webhook, worker.clone(), now).await;
            if let Ok(true) = released {
                let wrong = self.line.observer.webhooks().end(webhook.get(), &worker);
                self.line.observer.found("a webhook", wrong);
            }
            released
        };
        self.line.call("webhook_queue.release", work).await
    }

    async fn release_all(&self, worker: WorkerId, now: Timestamp) -> Result<u64, RepositoryError> {
        let work = async {
            let released = self.inner.release_all(worker.clone(), now).await;
            if released.is_ok() {
                self.line.observer.webhooks().release_all(&worker);
            }
            released
        };
        self.line.call("webhook_queue.release_all", work).await
    }

    async fn wait(&self) {
        self.inner.wait().await;
    }
}
