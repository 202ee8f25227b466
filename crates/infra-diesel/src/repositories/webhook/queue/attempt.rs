//! Records attempts.

use super::super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::super::{
        Cached, Connection, Error, Lock, SqlTimestamp, dialect, job,
        schema::{deliveries, projects, webhooks},
    },
    end::deactivate,
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper, update};
use fasttrack_domain::{
    id::{ProjectId, UserId},
    job::WorkerId,
    ports::webhook::Recorded,
    webhook::{Attempt, AttemptOutcome, Delivery, DeliveryStatus, WebhookEnd},
};

/// A webhook that is leased.
#[derive(Queryable, Selectable)]
#[diesel(table_name = webhooks)]
struct LeasedRow {
    project_id: i64,
    failing_since: Option<SqlTimestamp>,
    is_slow: bool,
}

/// The webhook of an attempt, where it is leased to this worker.
macro_rules! leased {
    ($worker:expr, $attempt:expr) => {
        webhooks::table
            .filter(webhooks::id.eq($attempt.webhook_id.get()))
            .filter(webhooks::worker.eq($worker.as_str()))
            .select(LeasedRow::as_select())
    };
}

/// See [`WebhookQueue::record`](fasttrack_domain::ports::webhook::WebhookQueue::record).
pub(super) async fn record(conn: &mut Connection, worker: &WorkerId, attempt: &Attempt) -> Result<Recorded, Error> {
    let found: Option<LeasedRow> = leased!(worker, attempt).first(conn).await.optional()?;
    let Some(found) = found else { return Ok(Recorded::Lost) };
    // The project is locked before the webhook, so that this is decided twice.
    let may_end = attempt.end(found.failing_since.map(|since| since.0)).is_some();
    if may_end {
        dialect::lock(conn, Lock::Project(found.project_id)).await?;
    }
    let mut locked: Vec<LeasedRow> = dialect::no_key_update!(leased!(worker, attempt)).load(conn).await?;
    let Some(webhook) = locked.pop() else { return Ok(Recorded::Lost) };
    let before = webhook.failing_since.map(|since| since.0);
    let end = attempt.end(before).filter(|_| may_end);
    if !update_delivery(conn, attempt, end).await? {
        return Ok(Recorded::Lost);
    }
    if let Some(end) = end {
        end_webhook(conn, webhook.project_id, attempt, end).await?;
        return Ok(Recorded::Ended(end));
    }
    let failing_since = attempt.failing_since(before).map(SqlTimestamp);
    if (failing_since, attempt.is_slow) != (webhook.failing_since, webhook.is_slow) {
        let state = (webhooks::failing_since.eq(failing_since), webhooks::is_slow.eq(attempt.is_slow));
        Cached(update(webhooks::table.find(attempt.webhook_id.get())).set(state)).execute(conn).await?;
    }
    Ok(Recorded::Stored)
}

/// Stores what came of a delivery. Returns `false` where it is gone or no longer pending.
async fn update_delivery(conn: &mut Connection, attempt: &Attempt, end: Option<WebhookEnd>) -> Result<bool, Error> {
    let (status, retry_at) = match attempt.outcome {
        AttemptOutcome::Delivered => (DeliveryStatus::Delivered, None),
        AttemptOutcome::Retry(at) if end.is_none() => (DeliveryStatus::Pending, Some(SqlTimestamp(at))),
        AttemptOutcome::Retry(_) | AttemptOutcome::Failed | AttemptOutcome::Gone => (DeliveryStatus::Failed, None),
    };
    let finished_at = if retry_at.is_none() { Some(SqlTimestamp(attempt.at)) } else { None };
    let pending = deliveries::table
        .filter(deliveries::id.eq(attempt.delivery_id.get()))
        .filter(deliveries::webhook_id.eq(attempt.webhook_id.get()))
        .filter(deliveries::next_attempt_at.is_not_null());
    let statement = update(pending).set((
        deliveries::status.eq(status.as_str()),
        deliveries::attempts.eq(deliveries::attempts + 1),
        deliveries::last_status.eq(attempt.status.map(i64::from)),
        deliveries::last_error.eq(attempt.error.as_deref()),
        deliveries::next_attempt_at.eq(retry_at),
        deliveries::finished_at.eq(finished_at),
    ));
    Ok(Cached(statement).execute(conn).await? == 1)
}

/// Ends the webhook, and queues the mail about it.
async fn end_webhook(conn: &mut Connection, project: i64, attempt: &Attempt, end: WebhookEnd) -> Result<(), Error> {
    deactivate(conn, (ProjectId::new(project), attempt.webhook_id), Delivery::ENDED, attempt.at).await?;
    let owner: i64 = projects::table.find(project).select(projects::owner_id).first(conn).await?;
    job::enqueue(conn, attempt.job(end, UserId::new(owner)).as_slice()).await
}
