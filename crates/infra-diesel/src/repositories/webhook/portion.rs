//! Deletes deliveries before their webhook or project is deleted, a portion in a transaction.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Connection, Error,
        schema::{deliveries, webhooks},
    },
    rows::lock,
};
use diesel::{ExpressionMethods, QueryDsl, delete as delete_from, update};

/// Deliveries of a portion: a few milliseconds' work, so that other writers don't wait long.
const PORTION: i64 = 200;

/// Deletes up to `limit` deliveries of a webhook, whose row is locked. Returns their number.
async fn delete(conn: &mut Connection, webhook: i64, limit: i64) -> Result<i64, Error> {
    let oldest = deliveries::table.filter(deliveries::webhook_id.eq(webhook)).order(deliveries::id).limit(limit);
    let oldest: Vec<i64> = oldest.select(deliveries::id).load(conn).await?;
    if oldest.is_empty() {
        return Ok(0);
    }
    let deleted = delete_from(deliveries::table.filter(deliveries::id.eq_any(oldest))).execute(conn).await?;
    let deleted = i64::try_from(deleted).unwrap_or(limit);
    let rest = webhooks::delivery_count.eq(webhooks::delivery_count - deleted);
    update(webhooks::table.find(webhook)).set(rest).execute(conn).await?;
    Ok(deleted)
}

/// Deletes a portion of what is sent to a webhook. Returns whether none is left. The caller holds the locks of the project
/// and of the webhook.
pub(super) async fn delete_of_webhook(conn: &mut Connection, webhook: i64) -> Result<bool, Error> {
    Ok(delete(conn, webhook, PORTION).await? < PORTION)
}

/// Deletes a portion of what is sent to a project's webhooks. Returns whether none is left. The caller holds the lock of the
/// project, so that no delivery is added.
pub(in super::super) async fn delete_of_project(conn: &mut Connection, project: i64) -> Result<bool, Error> {
    let of_project = webhooks::table.filter(webhooks::project_id.eq(project)).order(webhooks::id).select(webhooks::id);
    let of_project: Vec<i64> = of_project.load(conn).await?;
    let mut room = PORTION;
    for webhook in of_project {
        if lock(conn, webhook).await?.is_some() {
            room -= delete(conn, webhook, room).await?;
        }
        if room <= 0 {
            return Ok(false);
        }
    }
    Ok(true)
}
