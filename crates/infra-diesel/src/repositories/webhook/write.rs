//! Creates, changes and deletes webhooks.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Connection, Error, Lock, SqlTimestamp, audit, dialect,
        schema::{projects, webhooks},
    },
    end::{count_active, deactivate},
    portion::delete_of_webhook,
    rows::{WebhookRow, lock, lock_with_project},
};
use diesel::{
    ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, delete as delete_from, insert_into,
    update,
};
use fasttrack_domain::{
    audit::{AuditEntry, AuditObject},
    id::WebhookId,
    ports::constraint,
    webhook::{Delivery, NewWebhook, Webhook, WebhookChange, WebhookRotation},
};

/// See [`WebhookRepository::create`](fasttrack_domain::ports::webhook::WebhookRepository::create). Returns the audit entry
/// for [`log_committed`](audit::log_committed), too.
pub(super) async fn create(conn: &mut Connection, new: NewWebhook) -> Result<(Webhook, Option<AuditEntry>), Error> {
    let project = new.project_id.get();
    // Webhooks of a project are counted one after the other.
    dialect::lock(conn, Lock::Project(project)).await?;
    let exists = projects::table.find(project).select(projects::id).first::<i64>(conn).await.optional()?;
    if exists.is_none() {
        return Err(Error::Conflict(constraint::REFERENCE));
    }
    let present: i64 = webhooks::table.filter(webhooks::project_id.eq(project)).count().get_result(conn).await?;
    if present >= i64::from(new.quota) {
        return Err(Error::Conflict(constraint::QUOTA));
    }
    let row = (
        webhooks::project_id.eq(project),
        webhooks::url.eq(new.url.as_str()),
        webhooks::types.eq(new.types.to_string()),
        webhooks::is_active.eq(true),
        webhooks::secret.eq(new.secret.expose()),
        webhooks::created_at.eq(SqlTimestamp(new.created_at)),
        webhooks::updated_at.eq(SqlTimestamp(new.created_at)),
    );
    let id = insert_into(webhooks::table).values(row).returning(webhooks::id).get_result(conn).await?;
    count_active(conn, project, 1).await?;
    let created = new.stored(WebhookId::new(id));
    let entry = audit::insert(conn, new.audit, Some(AuditObject::Webhook(created.id))).await?;
    Ok((created, entry))
}

/// See [`WebhookRepository::save`](fasttrack_domain::ports::webhook::WebhookRepository::save). Returns the audit entry for
/// [`log_committed`](audit::log_committed), too.
pub(super) async fn save(
    conn: &mut Connection,
    change: WebhookChange,
) -> Result<(Option<Webhook>, Option<AuditEntry>), Error> {
    let WebhookChange { id, url, types, is_active, at, audit } = change;
    let row = match is_active {
        Some(_) => lock_with_project(conn, id.get()).await?,
        None => lock(conn, id.get()).await?,
    };
    let Some(before) = row.map(WebhookRow::entity).transpose()? else { return Ok((None, None)) };
    let after = Webhook {
        url: url.unwrap_or_else(|| before.url.clone()),
        types: types.unwrap_or_else(|| before.types.clone()),
        is_active: is_active.unwrap_or(before.is_active),
        updated_at: at.max(before.updated_at),
        ..before
    };
    let statement = update(webhooks::table.find(id.get())).set((
        webhooks::url.eq(after.url.as_str()),
        webhooks::types.eq(after.types.to_string()),
        webhooks::updated_at.eq(SqlTimestamp(after.updated_at)),
    ));
    statement.execute(conn).await?;
    if after.url != before.url {
        // It is another receiver, which hasn't failed.
        let anew = (webhooks::failing_since.eq(None::<SqlTimestamp>), webhooks::is_slow.eq(false));
        update(webhooks::table.find(id.get())).set(anew).execute(conn).await?;
    }
    match (before.is_active, after.is_active) {
        (true, false) => deactivate(conn, (after.project_id, id), Delivery::INACTIVE, at).await?,
        (false, true) => {
            update(webhooks::table.find(id.get())).set(webhooks::is_active.eq(true)).execute(conn).await?;
            count_active(conn, after.project_id.get(), 1).await?;
        }
        (true, true) | (false, false) => {}
    }
    Ok((Some(after), audit::insert(conn, audit, None).await?))
}

/// See [`WebhookRepository::delete`](fasttrack_domain::ports::webhook::WebhookRepository::delete). Returns the audit entry
/// for [`log_committed`](audit::log_committed), too; `None` where only a portion of the deliveries is deleted.
pub(super) async fn delete(
    conn: &mut Connection,
    id: i64,
    audit: Option<AuditEntry>,
) -> Result<Option<(bool, Option<AuditEntry>)>, Error> {
    let Some(row) = lock_with_project(conn, id).await? else { return Ok(Some((false, None))) };
    let webhook = row.entity()?;
    if !delete_of_webhook(conn, id).await? {
        return Ok(None);
    }
    delete_from(webhooks::table.find(id)).execute(conn).await?;
    if webhook.is_active {
        count_active(conn, webhook.project_id.get(), -1).await?;
    }
    Ok(Some((true, audit::insert(conn, audit, None).await?)))
}

/// See [`WebhookRepository::rotate`](fasttrack_domain::ports::webhook::WebhookRepository::rotate). Returns the audit entry
/// for [`log_committed`](audit::log_committed), too.
pub(super) async fn rotate(
    conn: &mut Connection,
    rotation: WebhookRotation,
) -> Result<(bool, Option<AuditEntry>), Error> {
    let statement = update(webhooks::table.find(rotation.id.get())).set((
        webhooks::previous_secret.eq(webhooks::secret.nullable()),
        webhooks::previous_until.eq(SqlTimestamp(rotation.previous_until())),
        webhooks::secret.eq(rotation.secret.expose()),
    ));
    if statement.execute(conn).await? == 0 {
        return Ok((false, None));
    }
    Ok((true, audit::insert(conn, rotation.audit, None).await?))
}
