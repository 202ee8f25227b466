//! Deliveries that a project's owner requests.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{Connection, Error, SqlTimestamp, audit, schema::deliveries},
    deliver::{NewContent, insert, lock_receiver, make_due},
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper, update};
use fasttrack_domain::{
    Timestamp,
    audit::AuditEntry,
    ports::constraint,
    webhook::{DeliveryStatus, DeliveryType, NewPing},
};

/// See [`WebhookRepository::ping`](fasttrack_domain::ports::webhook::WebhookRepository::ping). Returns the audit entry for
/// [`log_committed`](audit::log_committed), too.
pub(super) async fn ping(conn: &mut Connection, ping: NewPing) -> Result<(bool, Option<AuditEntry>), Error> {
    let id = ping.webhook_id.get();
    // Pings of a webhook are counted one after the other.
    let Some(receiver) = lock_receiver(conn, id).await? else { return Ok((false, None)) };
    let waiting = deliveries::table
        .filter(deliveries::webhook_id.eq(id))
        .filter(deliveries::kind.eq(DeliveryType::Ping.as_str()))
        .filter(deliveries::next_attempt_at.is_not_null())
        .limit(i64::from(ping.quota))
        .select(deliveries::id);
    let waiting: Vec<i64> = waiting.load(conn).await?;
    if waiting.len() >= ping.quota as usize {
        return Err(Error::Conflict(constraint::QUOTA));
    }
    let content = NewContent::of(&ping.content(), ping.subject())?;
    insert(conn, vec![receiver], &[(id, &content)]).await?;
    Ok((true, audit::insert(conn, ping.audit, None).await?))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = deliveries)]
struct Row {
    attempts: i64,
    attempts_before: i64,
    next_attempt_at: Option<SqlTimestamp>,
}

/// See [`WebhookRepository::retry`](fasttrack_domain::ports::webhook::WebhookRepository::retry). Returns the audit entry for
/// [`log_committed`](audit::log_committed), too.
pub(super) async fn retry(
    conn: &mut Connection,
    id: i64,
    at: Timestamp,
    audit: Option<AuditEntry>,
) -> Result<(bool, Option<AuditEntry>), Error> {
    let webhook = deliveries::table.find(id).select(deliveries::webhook_id).first::<i64>(conn).await.optional()?;
    let Some(webhook) = webhook else { return Ok((false, None)) };
    let Some(receiver) = lock_receiver(conn, webhook).await? else { return Ok((false, None)) };
    let row: Option<Row> = deliveries::table.find(id).select(Row::as_select()).first(conn).await.optional()?;
    let Some(row) = row else { return Ok((false, None)) };
    let attempts_before = if row.next_attempt_at.is_some() { row.attempts_before } else { row.attempts };
    let due_at = row.next_attempt_at.map_or(SqlTimestamp(at), |next| next.min(SqlTimestamp(at)));
    let statement = update(deliveries::table.find(id)).set((
        deliveries::status.eq(DeliveryStatus::Pending.as_str()),
        deliveries::attempts_before.eq(attempts_before),
        deliveries::next_attempt_at.eq(due_at),
        deliveries::finished_at.eq(None::<SqlTimestamp>),
    ));
    if statement.execute(conn).await? == 0 {
        return Ok((false, None));
    }
    make_due(conn, &receiver, due_at.0).await?;
    Ok((true, audit::insert(conn, audit, None).await?))
}
