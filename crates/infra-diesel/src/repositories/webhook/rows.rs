//! Here are the rows of webhooks and deliveries, and how a webhook's row is locked.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{
    Connection, Error, Lock, SqlTimestamp, dialect,
    schema::{deliveries, webhooks},
};
use diesel::{OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper};
use fasttrack_domain::{
    id::{DeliveryId, ProjectId, WebhookId},
    webhook::{Delivery, Webhook, WebhookUrl},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = webhooks)]
pub(super) struct WebhookRow {
    id: i64,
    project_id: i64,
    url: String,
    types: String,
    is_active: bool,
    created_at: SqlTimestamp,
    updated_at: SqlTimestamp,
}

impl WebhookRow {
    pub(super) fn entity(self) -> Result<Webhook, Error> {
        let corrupt = Error::corrupt("webhooks", self.id);
        Ok(Webhook {
            id: WebhookId::new(self.id),
            project_id: ProjectId::new(self.project_id),
            url: WebhookUrl::parse(self.url).map_err(&corrupt)?,
            types: self.types.parse().map_err(&corrupt)?,
            is_active: self.is_active,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        })
    }
}

/// Locks the row of a webhook, and returns it; `None` where there is none.
pub(super) async fn lock(conn: &mut Connection, id: i64) -> Result<Option<WebhookRow>, Error> {
    let row = webhooks::table.find(id).select(WebhookRow::as_select());
    Ok(dialect::no_key_update!(row).first(conn).await.optional()?)
}

/// Locks the project of a webhook, and then does what [`lock`] does.
pub(super) async fn lock_with_project(conn: &mut Connection, id: i64) -> Result<Option<WebhookRow>, Error> {
    let project = webhooks::table.find(id).select(webhooks::project_id).first::<i64>(conn).await.optional()?;
    let Some(project) = project else { return Ok(None) };
    dialect::lock(conn, Lock::Project(project)).await?;
    lock(conn, id).await
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = deliveries)]
pub(super) struct DeliveryRow {
    id: i64,
    webhook_id: i64,
    kind: String,
    status: String,
    attempts: i64,
    last_status: Option<i64>,
    last_error: Option<String>,
    next_attempt_at: Option<SqlTimestamp>,
    created_at: SqlTimestamp,
}

impl DeliveryRow {
    pub(super) fn entity(self) -> Result<Delivery, Error> {
        let corrupt = Error::corrupt("deliveries", self.id);
        Ok(Delivery {
            id: DeliveryId::new(self.id),
            webhook_id: WebhookId::new(self.webhook_id),
            kind: self.kind.parse().map_err(&corrupt)?,
            status: self.status.parse().map_err(&corrupt)?,
            attempts: u32::try_from(self.attempts).unwrap_or_default(),
            last_status: self.last_status.and_then(|status| u16::try_from(status).ok()),
            last_error: self.last_error,
            next_attempt_at: self.next_attempt_at.map(|at| at.0),
            created_at: self.created_at.0,
        })
    }
}
