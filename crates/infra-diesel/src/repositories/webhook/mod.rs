//! Webhooks, and what is sent to them.
//!
//! PostgreSQL: whoever changes which webhooks of a project are active holds the lock of the project's row, and then that of
//! the webhook's row. Deliveries are inserted, changed and deleted under the lock of their webhook's row; an erasure, which
//! changes their payloads, leaves out those that are locked. A dispatch keeps projects from being deleted, and then locks
//! their webhooks in the order of their ids, as the deletion of a project does, which keeps dispatches from adding to it;
//! other transactions that lock several webhooks leave out those that are locked.

pub(super) mod deliver;
mod end;
pub(super) mod portion;
mod queue;
pub(super) mod record;
mod request;
mod rows;
mod sweep;
mod write;

pub use queue::WebhookQueue;

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Database, audit,
    schema::{deliveries, members, projects, webhooks},
    task::ProjectRow,
};
use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    SelectableHelper,
};
use fasttrack_domain::{
    Timestamp,
    audit::AuditEntry,
    id::{DeliveryId, ProjectId, UserId, WebhookId},
    page::{Page, PageRequest},
    ports::{
        RepositoryError,
        webhook::{self, WebhookCounts},
    },
    webhook::{
        Delivery, DeliveryInProject, NewPing, NewWebhook, Webhook, WebhookChange, WebhookInProject, WebhookRotation,
    },
};
use rows::{DeliveryRow, WebhookRow};

/// Stores webhooks and their deliveries.
#[derive(Clone)]
pub struct WebhookRepository {
    database: Database,
}

impl WebhookRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

/// A webhook, its project and the reader's role.
type FoundRow = (WebhookRow, ProjectRow, Option<String>);

// @spec SPEC-025
#[async_trait]
impl webhook::WebhookRepository for WebhookRepository {
    async fn create(&self, webhook: NewWebhook) -> Result<Webhook, RepositoryError> {
        self.database.write(async move |conn| write::create(conn, webhook).await).await.map(audit::log_committed)
    }

    async fn find(&self, id: WebhookId, reader: UserId) -> Result<Option<WebhookInProject>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let of_reader = members::project_id.eq(webhooks::project_id).and(members::user_id.eq(reader.get()));
                let query = webhooks::table
                    .inner_join(projects::table.on(projects::id.eq(webhooks::project_id)))
                    .left_join(members::table.on(of_reader))
                    .filter(webhooks::id.eq(id.get()))
                    .select((WebhookRow::as_select(), ProjectRow::as_select(), members::role.nullable()));
                let found: Option<FoundRow> = query.first(conn).await.optional()?;
                let Some((webhook, project, role)) = found else { return Ok(None) };
                Ok(Some(WebhookInProject { webhook: webhook.entity()?, project: project.entity(role)? }))
            })
            .await
    }

    async fn list(&self, project: ProjectId, page: PageRequest) -> Result<Page<Webhook>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let query = webhooks::table
                    .filter(webhooks::project_id.eq(project.get()))
                    .filter(webhooks::id.gt(page.after_id()))
                    .order(webhooks::id)
                    .limit(page.fetch())
                    .select(WebhookRow::as_select());
                let rows: Vec<WebhookRow> = query.load(conn).await?;
                let items = rows.into_iter().map(WebhookRow::entity).collect::<Result<_, _>>()?;
                Ok(Page::from_fetched(items, &page, |webhook: &Webhook| webhook.id.get()))
            })
            .await
    }

    async fn save(&self, change: WebhookChange) -> Result<Option<Webhook>, RepositoryError> {
        self.database.write(async move |conn| write::save(conn, change).await).await.map(audit::log_committed)
    }

    async fn delete(&self, id: WebhookId, audit: Option<AuditEntry>) -> Result<bool, RepositoryError> {
        loop {
            let audit = audit.clone();
            let deleted = self.database.write(async move |conn| write::delete(conn, id.get(), audit).await).await?;
            if let Some(deleted) = deleted {
                return Ok(audit::log_committed(deleted));
            }
        }
    }

    async fn rotate(&self, rotation: WebhookRotation) -> Result<bool, RepositoryError> {
        self.database.write(async move |conn| write::rotate(conn, rotation).await).await.map(audit::log_committed)
    }

    async fn ping(&self, ping: NewPing) -> Result<bool, RepositoryError> {
        let is_queued =
            self.database.write(async move |conn| request::ping(conn, ping).await).await.map(audit::log_committed)?;
        if is_queued {
            self.database.hints().webhooks.notify_one();
        }
        Ok(is_queued)
    }

    async fn deliveries(&self, id: WebhookId, page: PageRequest) -> Result<Page<Delivery>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let query = deliveries::table
                    .filter(deliveries::webhook_id.eq(id.get()))
                    .filter(deliveries::id.lt(page.before_id()))
                    .order(deliveries::id.desc())
                    .limit(page.fetch())
                    .select(DeliveryRow::as_select());
                let rows: Vec<DeliveryRow> = query.load(conn).await?;
                let items = rows.into_iter().map(DeliveryRow::entity).collect::<Result<_, _>>()?;
                Ok(Page::from_fetched(items, &page, |delivery: &Delivery| delivery.id.get()))
            })
            .await
    }

    async fn find_delivery(
        &self,
        id: DeliveryId,
        reader: UserId,
    ) -> Result<Option<DeliveryInProject>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let of_reader = members::project_id.eq(webhooks::project_id).and(members::user_id.eq(reader.get()));
                let of_webhook = (WebhookRow::as_select(), ProjectRow::as_select(), members::role.nullable());
                let query = deliveries::table
                    .inner_join(webhooks::table.on(webhooks::id.eq(deliveries::webhook_id)))
                    .inner_join(projects::table.on(projects::id.eq(webhooks::project_id)))
                    .left_join(members::table.on(of_reader))
                    .filter(deliveries::id.eq(id.get()))
                    .select((DeliveryRow::as_select(), of_webhook));
                let found: Option<(DeliveryRow, FoundRow)> = query.first(conn).await.optional()?;
                let Some((delivery, (webhook, project, role))) = found else { return Ok(None) };
                let (delivery, webhook) = (delivery.entity()?, webhook.entity()?);
                Ok(Some(DeliveryInProject { delivery, webhook, project: project.entity(role)? }))
            })
            .await
    }

    async fn retry(&self, id: DeliveryId, at: Timestamp, audit: Option<AuditEntry>) -> Result<bool, RepositoryError> {
        let is_queued = self
            .database
            .write(async move |conn| request::retry(conn, id.get(), at, audit).await)
            .await
            .map(audit::log_committed)?;
        if is_queued {
            self.database.hints().webhooks.notify_one();
        }
        Ok(is_queued)
    }

    async fn delete_ended(&self, before: Timestamp, limit: u32) -> Result<u64, RepositoryError> {
        self.database.write(async move |conn| sweep::delete_ended(conn, before, limit).await).await
    }

    async fn counts(&self, now: Timestamp, limit: u32) -> Result<WebhookCounts, RepositoryError> {
        self.database.read(async move |conn| sweep::counts(conn, now, limit).await).await
    }
}
