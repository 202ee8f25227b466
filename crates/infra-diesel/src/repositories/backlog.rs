//! Counts what waits in the outbox and in the queue of jobs, up to a limit of rows.

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Connection, Error, SqlTimestamp,
    schema::{events, jobs},
};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl};
use fasttrack_domain::{
    Timestamp,
    ports::{job::JobCounts, outbox::Backlog},
};

pub(super) async fn of_events(conn: &mut Connection, limit: u32) -> Result<Backlog, Error> {
    let waiting = events::table.filter(events::is_set_aside.eq(false)).order(events::id).select(events::created_at);
    let waiting_since = waiting.first::<SqlTimestamp>(conn).await.optional()?.map(|timestamp| timestamp.0);
    let rows = events::table.order(events::id).limit(i64::from(limit)).select(events::is_set_aside);
    let mut backlog = Backlog { waiting_since, ..Backlog::default() };
    for is_set_aside in rows.load::<bool>(conn).await? {
        *if is_set_aside { &mut backlog.set_aside } else { &mut backlog.waiting } += 1;
    }
    Ok(backlog)
}

pub(super) async fn of_jobs(conn: &mut Connection, now: Timestamp, limit: u32) -> Result<JobCounts, Error> {
    let due = jobs::table
        .filter(jobs::dead_at.is_null())
        .filter(jobs::run_at.le(SqlTimestamp(now)))
        .filter(jobs::leased_until.is_null().or(jobs::leased_until.le(SqlTimestamp(now))))
        .order((jobs::run_at, jobs::id))
        .select(jobs::run_at);
    let due_since = due.first::<SqlTimestamp>(conn).await.optional()?.map(|timestamp| timestamp.0);
    let rows = jobs::table.order(jobs::id).limit(i64::from(limit)).select((jobs::dead_at, jobs::leased_until));
    let mut tally = JobCounts { due_since, ..JobCounts::default() };
    for (dead_at, leased_until) in rows.load::<(Option<SqlTimestamp>, Option<SqlTimestamp>)>(conn).await? {
        let count = match (dead_at, leased_until) {
            (Some(_), _) => &mut tally.dead,
            (None, Some(until)) if until.0 > now => &mut tally.running,
            (None, _) => &mut tally.queued,
        };
        *count += 1;
    }
    Ok(tally)
}
