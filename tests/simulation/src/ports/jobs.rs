//! The job queue, whose leases are observed.

use super::Faulty;
use async_trait::async_trait;
use fasttrack_domain::{
    Timestamp,
    id::JobId,
    job::{Job, JobRecord, JobState, WorkerId},
    page::{Page, PageRequest},
    ports::{
        RepositoryError,
        job::{Failure, JobCounts, JobQueue, JobSlots},
    },
};

impl Faulty<dyn JobQueue> {
    /// Makes a call by which the worker ends its lease, if it is still its own.
    async fn end(
        &self,
        name: &'static str,
        id: JobId,
        worker: WorkerId,
        work: impl Future<Output = Result<bool, RepositoryError>> + Send,
    ) -> Result<bool, RepositoryError> {
        let work = async {
            let ended = work.await;
            if let Ok(true) = ended {
                let wrong = self.line.observer.jobs().end(id.get(), &worker);
                self.line.observer.found("a job", wrong);
            }
            ended
        };
        self.line.call(name, work).await
    }
}

#[async_trait]
impl JobQueue for Faulty<dyn JobQueue> {
    async fn lease(
        &self,
        worker: WorkerId,
        now: Timestamp,
        until: Timestamp,
        places: JobSlots,
    ) -> Result<Vec<Job>, RepositoryError> {
        let work = async {
            let leased = self.inner.lease(worker.clone(), now, until, places).await;
            for job in leased.iter().flatten() {
                let wrong = self.line.observer.jobs().lease(job.id.get(), &worker, now, until);
                self.line.observer.found("a job", wrong);
            }
            leased
        };
        self.line.call("jobs.lease", work).await
    }

    async fn extend(&self, jobs: Vec<JobId>, worker: WorkerId, until: Timestamp) -> Result<(), RepositoryError> {
        let work = async {
            let extended = self.inner.extend(jobs.clone(), worker.clone(), until).await;
            if extended.is_ok() {
                self.line.observer.jobs().extend(jobs.into_iter().map(JobId::get), &worker, until);
            }
            extended
        };
        self.line.call("jobs.extend", work).await
    }

    async fn complete(&self, id: JobId, worker: WorkerId) -> Result<bool, RepositoryError> {
        let work = self.inner.complete(id, worker.clone());
        self.end("jobs.complete", id, worker, work).await
    }

    async fn defer(&self, id: JobId, worker: WorkerId, until: Timestamp) -> Result<bool, RepositoryError> {
        let work = self.inner.defer(id, worker.clone(), until);
        self.end("jobs.defer", id, worker, work).await
    }

    async fn fail(&self, id: JobId, worker: WorkerId, failure: Failure) -> Result<bool, RepositoryError> {
        let work = self.inner.fail(id, worker.clone(), failure);
        self.end("jobs.fail", id, worker, work).await
    }

    async fn release(&self, worker: WorkerId) -> Result<u64, RepositoryError> {
        let work = async {
            let released = self.inner.release(worker.clone()).await;
            if released.is_ok() {
                self.line.observer.jobs().release_all(&worker);
            }
            released
        };
        self.line.call("jobs.release", work).await
    }

    async fn list(
        &self,
        state: Option<JobState>,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Page<JobRecord>, RepositoryError> {
        self.line.call("jobs.list", self.inner.list(state, now, page)).await
    }

    async fn count(&self, now: Timestamp, limit: u32) -> Result<JobCounts, RepositoryError> {
        self.line.call("jobs.count", self.inner.count(now, limit)).await
    }

    async fn retry(&self, id: JobId, now: Timestamp) -> Result<bool, RepositoryError> {
        self.line.call("jobs.retry", self.inner.retry(id, now)).await
    }

    async fn retry_all(&self, now: Timestamp) -> Result<u64, RepositoryError> {
        self.line.call("jobs.retry_all", self.inner.retry_all(now)).await
    }

    async fn delete_dead(&self, until: Timestamp, limit: u32) -> Result<u64, RepositoryError> {
        self.line.call("jobs.delete_dead", self.inner.delete_dead(until, limit)).await
    }

    async fn wait(&self) {
        self.inner.wait().await;
    }
}
