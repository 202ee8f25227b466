//! Leases due jobs to a worker.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{Connection, Database, Error, SqlTimestamp, dialect, schema::jobs},
    rows::DueRow,
};
use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, SelectableHelper, update};
use fasttrack_domain::{
    Timestamp,
    job::{Job, WorkerId},
    notice::MailPriority,
    ports::{RepositoryError, job::JobSlots},
};

/// Up to `$limit` jobs that may be leased at `$now`, those that are due for longest first; where `$priority` is given, of
/// that priority.
macro_rules! due {
    ($now:expr, $limit:expr $(, $priority:expr)?) => {
        jobs::table
            .filter(jobs::dead_at.is_null())
            $(.filter(jobs::priority.eq($priority.rank())))?
            .filter(jobs::run_at.le(SqlTimestamp($now)))
            .filter(jobs::leased_until.is_null().or(jobs::leased_until.le(SqlTimestamp($now))))
            .order((jobs::run_at, jobs::id))
            .limit($limit)
    };
}

/// Makes a job a dead letter: no worker leases it again until an operator retries it.
async fn mark_dead(conn: &mut Connection, id: i64, now: Timestamp, why: String) -> Result<(), Error> {
    tracing::error!(id, error = why, "a job was given up; see `fasttrack jobs list`");
    update(jobs::table.find(id))
        .set((
            jobs::worker.eq(None::<String>),
            jobs::leased_until.eq(None::<SqlTimestamp>),
            jobs::dead_at.eq(SqlTimestamp(now)),
            jobs::last_error.eq(why),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// See [`JobQueue::lease`](fasttrack_domain::ports::job::JobQueue::lease).
pub(super) async fn lease(
    database: &Database,
    worker: WorkerId,
    now: Timestamp,
    until: Timestamp,
    places: JobSlots,
) -> Result<Vec<Job>, RepositoryError> {
    // Where nothing is due, nothing is written.
    let waiting: Vec<i64> = database
        .read(async move |conn| {
            if places.notices == 0 {
                return Ok(due!(now, 1, MailPriority::Security).select(jobs::id).load(conn).await?);
            }
            Ok(due!(now, 1).select(jobs::id).load(conn).await?)
        })
        .await?;
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    database
        .write(async move |conn| {
            let (mut ids, mut leased) = (Vec::new(), Vec::new());
            let mut free = places;
            for priority in MailPriority::ALL {
                let room = if priority == MailPriority::Security { free.all } else { free.all.min(free.notices) };
                if room == 0 {
                    continue;
                }
                let due = due!(now, i64::from(room), priority).select(DueRow::as_select());
                let rows: Vec<DueRow> = dialect::skip_locked!(due).load(conn).await?;
                for row in rows {
                    match row.entity() {
                        Ok(job) => {
                            ids.push(row.id);
                            leased.push(job);
                            free.all -= 1;
                            free.notices -= u32::from(priority != MailPriority::Security);
                        }
                        Err(why) => mark_dead(conn, row.id, now, why).await?,
                    }
                }
            }
            update(jobs::table.filter(jobs::id.eq_any(ids)))
                .set((
                    jobs::worker.eq(worker.as_str()),
                    jobs::leased_until.eq(SqlTimestamp(until)),
                    jobs::attempts.eq(jobs::attempts + 1),
                ))
                .execute(conn)
                .await?;
            Ok(leased)
        })
        .await
}
