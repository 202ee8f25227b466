//! Deactivates webhooks.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{
    Cached, Connection, Error, Moment, SqlTimestamp, dialect,
    schema::{projects, webhooks},
};
use diesel::{
    ExpressionMethods, QueryDsl, QueryResult, sql_query,
    sql_types::{BigInt, Text},
    update,
};
use fasttrack_domain::{
    Timestamp,
    id::{ProjectId, WebhookId},
};

/// Adds to the number of active webhooks of a project.
pub(super) async fn count_active(conn: &mut Connection, project: i64, count: i64) -> QueryResult<()> {
    let active = projects::active_webhooks.eq(projects::active_webhooks + count);
    update(projects::table.find(project)).set(active).execute(conn).await.map(drop)
}

/// Deactivates an active webhook, and fails its pending deliveries with this error. The caller holds the locks of the
/// project and of the webhook.
pub(super) async fn deactivate(
    conn: &mut Connection,
    (project, webhook): (ProjectId, WebhookId),
    error: &str,
    at: Timestamp,
) -> Result<(), Error> {
    update(webhooks::table.find(webhook.get()))
        .set((
            webhooks::is_active.eq(false),
            webhooks::failing_since.eq(None::<SqlTimestamp>),
            webhooks::is_slow.eq(false),
            webhooks::due_at.eq(None::<SqlTimestamp>),
        ))
        .execute(conn)
        .await?;
    fail_pending(conn, webhook.get(), error, at).await?;
    count_active(conn, project.get(), -1).await?;
    Ok(())
}

/// Fails the pending deliveries of a webhook.
async fn fail_pending(conn: &mut Connection, webhook: i64, error: &str, at: Timestamp) -> Result<(), Error> {
    let statement = format!(
        "WITH ended AS (SELECT id FROM deliveries WHERE webhook_id = $1 AND next_attempt_at IS NOT NULL ORDER BY +id{}) \
         UPDATE deliveries SET status = 'failed', next_attempt_at = NULL, finished_at = $2, last_error = $3 \
         FROM ended WHERE deliveries.id = ended.id",
        dialect::FOR_NO_KEY_UPDATE
    );
    let statement = sql_query(statement).bind::<BigInt, _>(webhook).bind::<Moment, _>(SqlTimestamp(at));
    Cached(statement.bind::<Text, _>(error)).execute(conn).await?;
    Ok(())
}
