//! The queue of jobs.

use super::{Connection, Database, Error, Stamp, backlog, bulk, dialect, schema::jobs};
use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, QueryDsl, Queryable, Selectable, SelectableHelper, delete,
    dsl::sql, insert_into, sql_types::Text, update, upsert::excluded,
};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{
    Timestamp,
    id::JobId,
    job::{Job, JobRecord, JobState, MAX_ATTEMPTS, NewJob, WorkerId},
    notice::Priority,
    page::{Page, PageRequest},
    ports::{
        RepositoryError,
        job::{self, Failure, Places, Tally},
    },
};
use std::collections::HashMap;
use uuid::Uuid;

/// Leases jobs and keeps what came of them.
#[derive(Clone)]
pub struct JobQueue {
    database: Database,
}

impl JobQueue {
    /// In this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[derive(Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
struct NewJobRow {
    kind: &'static str,
    payload: String,
    attempts: i64,
    run_at: Stamp,
    created_at: Stamp,
    key: Option<String>,
    priority: i64,
    nonce: String,
}

fn nonce() -> String {
    Uuid::new_v4().simple().to_string()
}

/// Queues jobs, in this order, those with a key last. Once they are committed, ring
/// [`Hints::jobs`](crate::hints::Hints).
pub(super) async fn enqueue(conn: &mut Connection, jobs: &[NewJob]) -> Result<(), Error> {
    insert(conn, jobs, None).await
}

/// The same, for jobs that are not to be done before `run_at`.
pub(super) async fn enqueue_for(conn: &mut Connection, jobs: &[NewJob], run_at: Timestamp) -> Result<(), Error> {
    insert(conn, jobs, Some(run_at)).await
}

/// The index `jobs_key`, as a conflict names it. Diesel builds such a target for PostgreSQL alone.
const SAME_KEY: &str = "(key) WHERE key IS NOT NULL AND dead_at IS NULL";

async fn insert(conn: &mut Connection, jobs: &[NewJob], run_at: Option<Timestamp>) -> Result<(), Error> {
    if jobs.is_empty() {
        return Ok(());
    }
    let row = |job: &NewJob| {
        Ok(NewJobRow {
            kind: job.payload.name(),
            payload: serde_json::to_string(&job.payload)?,
            attempts: 0,
            run_at: Stamp(run_at.unwrap_or(job.created_at)),
            created_at: Stamp(job.created_at),
            key: job.payload.key(),
            priority: job.payload.class().priority().rank(),
            nonce: nonce(),
        })
    };
    let rows = jobs.iter().map(row).collect::<Result<Vec<_>, Error>>()?;
    let (keyed, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.key.is_some());
    bulk::insert(conn, jobs::table, rows).await?;
    for batch in bulk::batches(last_of_each_key(keyed)) {
        insert_into(jobs::table)
            .values(batch)
            .on_conflict(sql::<Text>(SAME_KEY))
            .do_update()
            // One that waits has it all before it.
            .set((jobs::payload.eq(excluded(jobs::payload)), jobs::is_asked_again.eq(jobs::worker.is_not_null())))
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Of rows with one key the last, in the place of the first: a statement may meet a key once.
fn last_of_each_key(rows: Vec<NewJobRow>) -> Vec<NewJobRow> {
    let mut places = HashMap::with_capacity(rows.len());
    let mut last: Vec<NewJobRow> = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(&place) = places.get(&row.key) {
            last[place] = row;
        } else {
            places.insert(row.key.clone(), last.len());
            last.push(row);
        }
    }
    last
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs)]
struct DueRow {
    id: i64,
    payload: String,
    attempts: i64,
    nonce: Option<String>,
}

impl DueRow {
    /// As its next attempt sees it, or why there is none.
    fn entity(&self) -> Result<Job, String> {
        let attempts = counted(self.attempts);
        if attempts >= MAX_ATTEMPTS {
            return Err(format!("it was begun {attempts} times, and its workers were never heard of again"));
        }
        let payload = serde_json::from_str(&self.payload).map_err(|error| format!("it can't be read: {error}"))?;
        let nonce = self.nonce.clone().unwrap_or_else(|| format!("job-{}", self.id));
        Ok(Job { id: JobId::new(self.id), payload, attempt: attempts + 1, nonce })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs)]
struct JobRow {
    id: i64,
    kind: String,
    attempts: i64,
    run_at: Stamp,
    leased_until: Option<Stamp>,
    dead_at: Option<Stamp>,
    last_error: Option<String>,
    created_at: Stamp,
}

impl JobRow {
    fn entity(self, now: Timestamp) -> JobRecord {
        let state = match (self.dead_at, self.leased_until) {
            (Some(_), _) => JobState::Dead,
            (None, Some(until)) if until.0 > now => JobState::Running,
            (None, _) => JobState::Queued,
        };
        JobRecord {
            id: JobId::new(self.id),
            kind: self.kind,
            state,
            attempts: counted(self.attempts),
            run_at: self.run_at.0,
            created_at: self.created_at.0,
            last_error: self.last_error,
        }
    }
}

fn counted(attempts: i64) -> u32 {
    u32::try_from(attempts.max(0)).unwrap_or(u32::MAX)
}

/// Up to `limit` jobs that may be leased at `now`, those that wait longest first; of one priority, where it is given.
macro_rules! due {
    ($now:expr, $limit:expr $(, $priority:expr)?) => {
        jobs::table
            .filter(jobs::dead_at.is_null())
            $(.filter(jobs::priority.eq($priority.rank())))?
            .filter(jobs::run_at.le(Stamp($now)))
            .filter(jobs::leased_until.is_null().or(jobs::leased_until.le(Stamp($now))))
            .order((jobs::run_at, jobs::id))
            .limit($limit)
    };
}

/// Gives up a job without a lease.
async fn bury(conn: &mut Connection, id: i64, now: Timestamp, why: String) -> Result<(), Error> {
    tracing::error!(id, error = why, "a job was given up; see `fasttrack jobs list`");
    update(jobs::table.find(id))
        .set((
            jobs::worker.eq(None::<String>),
            jobs::leased_until.eq(None::<Stamp>),
            jobs::dead_at.eq(Stamp(now)),
            jobs::last_error.eq(why),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// What makes a dead job one that was never tried.
macro_rules! revive {
    ($dead:expr, $now:expr) => {
        update($dead.filter(jobs::dead_at.is_not_null())).set((
            jobs::attempts.eq(0),
            jobs::run_at.eq(Stamp($now)),
            jobs::dead_at.eq(None::<Stamp>),
            jobs::last_error.eq(None::<String>),
            // There may be another by now.
            jobs::key.eq(None::<String>),
        ))
    };
}

// @spec SPEC-011
// @decision DEC-011
#[async_trait]
impl job::JobQueue for JobQueue {
    async fn lease(
        &self,
        worker: WorkerId,
        now: Timestamp,
        until: Timestamp,
        places: Places,
    ) -> Result<Vec<Job>, RepositoryError> {
        // Who finds nothing to do writes nothing.
        let waiting: Vec<i64> = self
            .database
            .read(async move |conn| {
                if places.notices == 0 {
                    return Ok(due!(now, 1, Priority::Security).select(jobs::id).load(conn).await?);
                }
                Ok(due!(now, 1).select(jobs::id).load(conn).await?)
            })
            .await?;
        if waiting.is_empty() {
            return Ok(Vec::new());
        }
        self.database
            .write(async move |conn| {
                let (mut ids, mut leased) = (Vec::new(), Vec::new());
                let mut free = places;
                for priority in Priority::ALL {
                    let room = if priority == Priority::Security { free.all } else { free.all.min(free.notices) };
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
                                free.notices -= u32::from(priority != Priority::Security);
                            }
                            Err(why) => bury(conn, row.id, now, why).await?,
                        }
                    }
                }
                update(jobs::table.filter(jobs::id.eq_any(ids)))
                    .set((
                        jobs::worker.eq(worker.as_str()),
                        jobs::leased_until.eq(Stamp(until)),
                        jobs::attempts.eq(jobs::attempts + 1),
                    ))
                    .execute(conn)
                    .await?;
                Ok(leased)
            })
            .await
    }

    async fn extend(&self, jobs: Vec<JobId>, worker: WorkerId, until: Timestamp) -> Result<(), RepositoryError> {
        self.database
            .write(async move |conn| {
                let leased = jobs::table
                    .filter(jobs::id.eq_any(jobs.into_iter().map(JobId::get)))
                    .filter(jobs::worker.eq(worker.as_str()));
                update(leased).set(jobs::leased_until.eq(Stamp(until))).execute(conn).await?;
                Ok(())
            })
            .await
    }

    async fn complete(&self, id: JobId, worker: WorkerId) -> Result<bool, RepositoryError> {
        self.database
            .write(async move |conn| {
                let leased = jobs::table.find(id.get()).filter(jobs::worker.eq(worker.as_str()));
                if delete(leased.filter(jobs::is_asked_again.eq(false))).execute(conn).await? == 1 {
                    return Ok(true);
                }
                let leased = jobs::table.find(id.get()).filter(jobs::worker.eq(worker.as_str()));
                let once_more = update(leased).set((
                    jobs::worker.eq(None::<String>),
                    jobs::leased_until.eq(None::<Stamp>),
                    jobs::attempts.eq(0),
                    jobs::is_asked_again.eq(false),
                    jobs::nonce.eq(nonce()),
                ));
                Ok(once_more.execute(conn).await? == 1)
            })
            .await
    }

    async fn defer(&self, id: JobId, worker: WorkerId, until: Timestamp) -> Result<bool, RepositoryError> {
        self.database
            .write(async move |conn| {
                let leased = jobs::table.find(id.get()).filter(jobs::worker.eq(worker.as_str()));
                let deferred = update(leased).set((
                    jobs::worker.eq(None::<String>),
                    jobs::leased_until.eq(None::<Stamp>),
                    jobs::attempts.eq(0),
                    jobs::run_at.eq(Stamp(until)),
                    // What was asked for meanwhile is done then, too.
                    jobs::is_asked_again.eq(false),
                ));
                Ok(deferred.execute(conn).await? == 1)
            })
            .await
    }

    async fn fail(&self, id: JobId, worker: WorkerId, failure: Failure) -> Result<bool, RepositoryError> {
        self.database
            .write(async move |conn| {
                let dead_at = if failure.retry_at.is_none() { Some(Stamp(failure.at)) } else { None };
                // A dead job keeps the time that it was meant for.
                let statement = update(jobs::table.find(id.get())).filter(jobs::worker.eq(worker.as_str())).set((
                    jobs::worker.eq(None::<String>),
                    jobs::leased_until.eq(None::<Stamp>),
                    jobs::dead_at.eq(dead_at),
                    failure.retry_at.map(|at| jobs::run_at.eq(Stamp(at))),
                    jobs::is_asked_again.eq(false),
                    jobs::last_error.eq(failure.error),
                ));
                Ok(statement.execute(conn).await? == 1)
            })
            .await
    }

    async fn release(&self, worker: WorkerId) -> Result<u64, RepositoryError> {
        self.database
            .write(async move |conn| {
                let leased = jobs::table.filter(jobs::worker.eq(worker.as_str()));
                let released = update(leased).set((
                    jobs::worker.eq(None::<String>),
                    jobs::leased_until.eq(None::<Stamp>),
                    jobs::attempts.eq(jobs::attempts - 1),
                ));
                Ok(released.execute(conn).await? as u64)
            })
            .await
    }

    async fn list(
        &self,
        state: Option<JobState>,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Page<JobRecord>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let mut query = jobs::table
                    .filter(jobs::id.gt(page.after_id()))
                    .order(jobs::id)
                    .limit(page.fetch())
                    .select(JobRow::as_select())
                    .into_boxed();
                let moment = Stamp(now);
                query = match state {
                    None => query,
                    Some(JobState::Dead) => query.filter(jobs::dead_at.is_not_null()),
                    // Only a live job is leased.
                    Some(JobState::Running) => query.filter(jobs::leased_until.gt(moment)),
                    Some(JobState::Queued) => query
                        .filter(jobs::dead_at.is_null())
                        .filter(jobs::leased_until.is_null().or(jobs::leased_until.le(moment))),
                };
                let jobs = query.load(conn).await?.into_iter().map(|row| row.entity(now)).collect();
                Ok(Page::from_fetched(jobs, &page, |job: &JobRecord| job.id.get()))
            })
            .await
    }

    async fn tally(&self, now: Timestamp, limit: u32) -> Result<Tally, RepositoryError> {
        self.database.read(async move |conn| backlog::of_jobs(conn, now, limit).await).await
    }

    async fn retry(&self, id: JobId, now: Timestamp) -> Result<bool, RepositoryError> {
        let revived = self
            .database
            .write(async move |conn| Ok(revive!(jobs::table.find(id.get()), now).execute(conn).await? == 1))
            .await?;
        if revived {
            self.database.hints().jobs.notify_one();
        }
        Ok(revived)
    }

    async fn retry_all(&self, now: Timestamp) -> Result<u64, RepositoryError> {
        let revived =
            self.database.write(async move |conn| Ok(revive!(jobs::table, now).execute(conn).await? as u64)).await?;
        if revived > 0 {
            self.database.hints().jobs.notify_one();
        }
        Ok(revived)
    }

    async fn delete_dead(&self, until: Timestamp, limit: u32) -> Result<u64, RepositoryError> {
        self.database
            .write(async move |conn| {
                let over = || jobs::table.filter(jobs::dead_at.le(Stamp(until)));
                let ids = over().order((jobs::dead_at, jobs::id)).limit(limit.into()).select(jobs::id);
                let ids: Vec<i64> = ids.load(conn).await?;
                if ids.is_empty() {
                    return Ok(0);
                }
                Ok(delete(jobs::table.filter(jobs::id.eq_any(ids))).execute(conn).await? as u64)
            })
            .await
    }

    async fn wait(&self) {
        self.database.hints().jobs.notified().await;
    }
}
