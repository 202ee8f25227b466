//! Deletes old deliveries, and counts what waits.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{
    Connection, Error, SqlTimestamp, dialect,
    schema::{deliveries, webhooks},
};
use diesel::{ExpressionMethods, JoinOnDsl, QueryDsl, delete as delete_from, update};
use fasttrack_domain::{Timestamp, ports::webhook::WebhookCounts};
use std::collections::BTreeMap;

/// See [`WebhookRepository::delete_ended`](fasttrack_domain::ports::webhook::WebhookRepository::delete_ended).
pub(super) async fn delete_ended(conn: &mut Connection, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let before = SqlTimestamp(before);
    let oldest = deliveries::table
        .filter(deliveries::finished_at.lt(before))
        .order(deliveries::finished_at)
        .limit(i64::from(limit))
        .select((deliveries::id, deliveries::webhook_id));
    let (ids, of_webhooks): (Vec<i64>, Vec<i64>) = oldest.load::<(i64, i64)>(conn).await?.into_iter().unzip();
    if ids.is_empty() {
        return Ok(0);
    }
    // Others are swept the next time.
    let unlocked = webhooks::table.filter(webhooks::id.eq_any(of_webhooks)).select(webhooks::id);
    let locked: Vec<i64> = dialect::skip_locked!(unlocked).load(conn).await?;
    // One may have been requested again meanwhile.
    let ended = deliveries::table
        .filter(deliveries::id.eq_any(ids))
        .filter(deliveries::webhook_id.eq_any(locked))
        .filter(deliveries::finished_at.lt(before));
    let deleted: Vec<i64> = delete_from(ended).returning(deliveries::webhook_id).get_results(conn).await?;
    let mut counts = BTreeMap::<_, i64>::new();
    for webhook in &deleted {
        *counts.entry(*webhook).or_default() += 1;
    }
    for (webhook, count) in counts {
        let rest = webhooks::delivery_count.eq(webhooks::delivery_count - count);
        update(webhooks::table.find(webhook)).set(rest).execute(conn).await?;
    }
    Ok(deleted.len() as u64)
}

/// See [`WebhookRepository::counts`](fasttrack_domain::ports::webhook::WebhookRepository::counts).
pub(super) async fn counts(conn: &mut Connection, now: Timestamp, limit: u32) -> Result<WebhookCounts, Error> {
    let (now, limit) = (SqlTimestamp(now), i64::from(limit));
    // A delivery is due only where its webhook is, which an index finds.
    let waiting = deliveries::table
        .inner_join(webhooks::table.on(webhooks::id.eq(deliveries::webhook_id)))
        .filter(webhooks::is_slow.eq_any([false, true]))
        .filter(webhooks::due_at.le(now))
        .filter(deliveries::next_attempt_at.le(now))
        .limit(limit)
        .select(deliveries::id);
    let waiting: Vec<i64> = waiting.load(conn).await?;
    let failing = webhooks::table.filter(webhooks::failing_since.le(now)).limit(limit).select(webhooks::id);
    let failing: Vec<i64> = failing.load(conn).await?;
    let count = |ids: Vec<i64>| u32::try_from(ids.len()).unwrap_or(u32::MAX);
    Ok(WebhookCounts { waiting: count(waiting), failing: count(failing) })
}
