//! The queue of webhooks with due deliveries.

mod attempt;
mod due;
mod lease;
mod oldest;

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Cached, Connection, Database, Error, SqlTimestamp, dialect,
        schema::{deliveries, webhooks},
    },
    end, rows,
};
use async_trait::async_trait;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, update};
use fasttrack_domain::{
    Timestamp,
    id::WebhookId,
    job::WorkerId,
    ports::{
        RepositoryError,
        webhook::{self, LeasedWebhook, Recorded, WebhookSlots},
    },
    webhook::{Attempt, DueDelivery},
};

/// Leases webhooks to workers, and records what they sent.
#[derive(Clone)]
pub struct WebhookQueue {
    database: Database,
}

impl WebhookQueue {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

/// Releases a webhook at `now`. Returns `false` where the lease is no longer the worker's.
async fn release(conn: &mut Connection, webhook: i64, worker: &str, now: Timestamp) -> Result<bool, Error> {
    let leased = webhooks::table.filter(webhooks::id.eq(webhook)).filter(webhooks::worker.eq(worker));
    // Locked first, so that the next statement sees the deliveries that were added until then.
    let leased: Vec<i64> = dialect::no_key_update!(leased.select(webhooks::id)).load(conn).await?;
    if leased.is_empty() {
        return Ok(false);
    }
    let earliest = deliveries::table
        .filter(deliveries::webhook_id.eq(webhook))
        .filter(deliveries::next_attempt_at.is_not_null())
        .order(deliveries::next_attempt_at)
        .select(deliveries::next_attempt_at);
    let earliest: Option<Option<SqlTimestamp>> = earliest.first(conn).await.optional()?;
    // What is left goes behind the webhooks that have waited meanwhile.
    let due_at = earliest.flatten().map(|earliest| earliest.max(SqlTimestamp(now)));
    let statement = update(webhooks::table.find(webhook)).set((
        webhooks::worker.eq(None::<String>),
        webhooks::leased_until.eq(None::<SqlTimestamp>),
        webhooks::due_at.eq(due_at),
    ));
    Cached(statement).execute(conn).await?;
    Ok(true)
}

// @spec SPEC-025
#[async_trait]
impl webhook::WebhookQueue for WebhookQueue {
    async fn lease(
        &self,
        worker: WorkerId,
        now: Timestamp,
        until: Timestamp,
        places: WebhookSlots,
    ) -> Result<Vec<LeasedWebhook>, RepositoryError> {
        lease::lease(&self.database, worker, now, until, places).await
    }

    async fn due(
        &self,
        webhook: WebhookId,
        worker: WorkerId,
        now: Timestamp,
        limit: u32,
    ) -> Result<Option<Vec<DueDelivery>>, RepositoryError> {
        due::due(&self.database, webhook, worker, now, limit).await
    }

    async fn record(&self, worker: WorkerId, attempt: Attempt) -> Result<Recorded, RepositoryError> {
        let recorded = self.database.write(async move |conn| attempt::record(conn, &worker, &attempt).await).await?;
        if let Recorded::Ended(_) = recorded {
            self.database.hints().jobs.notify_one();
        }
        Ok(recorded)
    }

    async fn extend(
        &self,
        webhooks: Vec<WebhookId>,
        worker: WorkerId,
        until: Timestamp,
    ) -> Result<(), RepositoryError> {
        let ids: Vec<_> = webhooks.into_iter().map(WebhookId::get).collect();
        lease::extend(&self.database, ids, worker, until).await
    }

    async fn release(&self, webhook: WebhookId, worker: WorkerId, now: Timestamp) -> Result<bool, RepositoryError> {
        let released =
            self.database.write(async move |conn| release(conn, webhook.get(), worker.as_str(), now).await).await?;
        if released {
            // Something may have become due since the worker last looked.
            self.database.hints().webhooks.notify_one();
        }
        Ok(released)
    }

    async fn release_all(&self, worker: WorkerId, now: Timestamp) -> Result<u64, RepositoryError> {
        let of_worker = worker.clone();
        let leased = self.database.read(async move |conn| lease::leased(conn, &of_worker).await).await?;
        let mut released = 0;
        for webhook in leased {
            released += u64::from(webhook::WebhookQueue::release(self, webhook, worker.clone(), now).await?);
        }
        Ok(released)
    }

    async fn wait(&self) {
        self.database.hints().webhooks.notified().await;
    }
}
