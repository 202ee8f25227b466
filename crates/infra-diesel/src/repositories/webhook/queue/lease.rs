//! Leases due webhooks to a worker.

use super::super::super::super::run_query_dsl::RunQueryDsl;
use super::super::super::{Connection, Database, Error, SqlTimestamp, dialect, schema::webhooks};
use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, update};
use fasttrack_domain::{
    Timestamp,
    id::WebhookId,
    job::WorkerId,
    ports::{
        RepositoryError,
        webhook::{LeasedWebhook, WebhookSlots},
    },
};

/// The webhooks that may be leased at `$now`.
macro_rules! due {
    ($now:expr) => {
        webhooks::table
            .filter(webhooks::due_at.le(SqlTimestamp($now)))
            .filter(webhooks::leased_until.is_null().or(webhooks::leased_until.le(SqlTimestamp($now))))
    };
}

/// See [`WebhookQueue::lease`](fasttrack_domain::ports::webhook::WebhookQueue::lease).
pub(super) async fn lease(
    database: &Database,
    worker: WorkerId,
    now: Timestamp,
    until: Timestamp,
    places: WebhookSlots,
) -> Result<Vec<LeasedWebhook>, RepositoryError> {
    // Where nothing is due, nothing is written.
    let any_waits = async move |conn: &mut Connection| {
        let speeds = if places.slow == 0 { vec![false] } else { vec![false, true] };
        let waiting: Vec<i64> =
            due!(now).filter(webhooks::is_slow.eq_any(speeds)).limit(1).select(webhooks::id).load(conn).await?;
        Ok(!waiting.is_empty())
    };
    if places.all == 0 || !database.read(any_waits).await? {
        return Ok(Vec::new());
    }
    database
        .write(async move |conn| {
            let (mut ids, mut leased) = (Vec::new(), Vec::new());
            let mut free = places;
            // Slow ones last, so that they don't take the places of others.
            for is_slow in [false, true] {
                let room = if is_slow { free.all.min(free.slow) } else { free.all };
                if room == 0 {
                    continue;
                }
                let due = due!(now)
                    .filter(webhooks::is_slow.eq(is_slow))
                    .order((webhooks::due_at, webhooks::id))
                    .limit(i64::from(room))
                    .select(webhooks::id);
                let found: Vec<i64> = dialect::skip_locked!(due).load(conn).await?;
                free.all = free.all.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
                leased.extend(found.iter().map(|id| LeasedWebhook { id: WebhookId::new(*id), is_slow }));
                ids.extend(found);
            }
            update(webhooks::table.filter(webhooks::id.eq_any(ids)))
                .set((webhooks::worker.eq(worker.as_str()), webhooks::leased_until.eq(SqlTimestamp(until))))
                .execute(conn)
                .await?;
            Ok(leased)
        })
        .await
}

/// See [`WebhookQueue::extend`](fasttrack_domain::ports::webhook::WebhookQueue::extend).
pub(super) async fn extend(
    database: &Database,
    mut ids: Vec<i64>,
    worker: WorkerId,
    until: Timestamp,
) -> Result<(), RepositoryError> {
    let (all, of_worker) = (ids.clone(), worker.clone());
    let extended =
        database.write(async move |conn| extend_unlocked(conn, all, of_worker.as_str(), until).await).await?;
    ids.retain(|id| !extended.contains(id));
    // No transaction waits for one of these while it holds another.
    for id in ids {
        let of_worker = worker.clone();
        database.write(async move |conn| extend_one(conn, id, of_worker.as_str(), until).await).await?;
    }
    Ok(())
}

/// Extends leases of webhooks that no other transaction has locked. Returns which.
async fn extend_unlocked(
    conn: &mut Connection,
    ids: Vec<i64>,
    worker: &str,
    until: Timestamp,
) -> Result<Vec<i64>, Error> {
    let leased = webhooks::table.filter(webhooks::id.eq_any(ids)).filter(webhooks::worker.eq(worker));
    let leased: Vec<i64> = dialect::skip_locked!(leased.select(webhooks::id)).load(conn).await?;
    update(webhooks::table.filter(webhooks::id.eq_any(&leased)))
        .set(webhooks::leased_until.eq(SqlTimestamp(until)))
        .execute(conn)
        .await?;
    Ok(leased)
}

async fn extend_one(conn: &mut Connection, id: i64, worker: &str, until: Timestamp) -> Result<(), Error> {
    update(webhooks::table.filter(webhooks::id.eq(id)).filter(webhooks::worker.eq(worker)))
        .set(webhooks::leased_until.eq(SqlTimestamp(until)))
        .execute(conn)
        .await?;
    Ok(())
}

/// The webhooks that are leased to a worker.
pub(super) async fn leased(conn: &mut Connection, worker: &WorkerId) -> Result<Vec<WebhookId>, Error> {
    let leased = webhooks::table.filter(webhooks::worker.eq(worker.as_str())).select(webhooks::id);
    let ids: Vec<i64> = leased.load(conn).await?;
    Ok(ids.into_iter().map(WebhookId::new).collect())
}
