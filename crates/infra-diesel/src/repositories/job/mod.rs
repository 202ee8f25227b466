//! The queue of jobs.

mod enqueue;
mod lease;
mod list;
mod rows;

pub(super) use enqueue::{enqueue, enqueue_for};

use super::super::run_query_dsl::RunQueryDsl;
use super::{Database, SqlTimestamp, backlog, schema::jobs};
use async_trait::async_trait;
use diesel::{ExpressionMethods, QueryDsl, delete, update};
use enqueue::nonce;
use fasttrack_domain::{
    Timestamp,
    id::JobId,
    job::{Job, JobRecord, JobState, WorkerId},
    page::{Page, PageRequest},
    ports::{
        RepositoryError,
        job::{self, Failure, JobCounts, JobSlots},
    },
};

/// Stores jobs and leases them to workers.
#[derive(Clone)]
pub struct JobQueue {
    database: Database,
}

impl JobQueue {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

/// Queues dead jobs again, with all their attempts.
macro_rules! revive {
    ($dead:expr, $now:expr) => {
        update($dead.filter(jobs::dead_at.is_not_null())).set((
            jobs::attempts.eq(0),
            jobs::run_at.eq(SqlTimestamp($now)),
            jobs::dead_at.eq(None::<SqlTimestamp>),
            jobs::last_error.eq(None::<String>),
            // Another job may have the key by now.
            jobs::key.eq(None::<String>),
        ))
    };
}

// @spec SPEC-011
// @decision DEC-0010
#[async_trait]
impl job::JobQueue for JobQueue {
    async fn lease(
        &self,
        worker: WorkerId,
        now: Timestamp,
        until: Timestamp,
        places: JobSlots,
    ) -> Result<Vec<Job>, RepositoryError> {
        lease::lease(&self.database, worker, now, until, places).await
    }

    async fn extend(&self, jobs: Vec<JobId>, worker: WorkerId, until: Timestamp) -> Result<(), RepositoryError> {
        self.database
            .write(async move |conn| {
                let leased = jobs::table
                    .filter(jobs::id.eq_any(jobs.into_iter().map(JobId::get)))
                    .filter(jobs::worker.eq(worker.as_str()));
                update(leased).set(jobs::leased_until.eq(SqlTimestamp(until))).execute(conn).await?;
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
                    jobs::leased_until.eq(None::<SqlTimestamp>),
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
                    jobs::leased_until.eq(None::<SqlTimestamp>),
                    jobs::attempts.eq(0),
                    jobs::run_at.eq(SqlTimestamp(until)),
                    // That attempt also does what was requested meanwhile.
                    jobs::is_asked_again.eq(false),
                ));
                Ok(deferred.execute(conn).await? == 1)
            })
            .await
    }

    async fn fail(&self, id: JobId, worker: WorkerId, failure: Failure) -> Result<bool, RepositoryError> {
        self.database
            .write(async move |conn| {
                let dead_at = if failure.retry_at.is_none() { Some(SqlTimestamp(failure.at)) } else { None };
                // A dead job keeps its `run_at`.
                let statement = update(jobs::table.find(id.get())).filter(jobs::worker.eq(worker.as_str())).set((
                    jobs::worker.eq(None::<String>),
                    jobs::leased_until.eq(None::<SqlTimestamp>),
                    jobs::dead_at.eq(dead_at),
                    failure.retry_at.map(|at| jobs::run_at.eq(SqlTimestamp(at))),
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
                    jobs::leased_until.eq(None::<SqlTimestamp>),
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
        list::list(&self.database, state, now, page).await
    }

    async fn count(&self, now: Timestamp, limit: u32) -> Result<JobCounts, RepositoryError> {
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
                let over = || jobs::table.filter(jobs::dead_at.le(SqlTimestamp(until)));
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
