//! The job queue. The methods of other ports add jobs in the transaction of the change that causes them.

use super::RepositoryError;
use crate::{
    Timestamp,
    id::JobId,
    job::{Job, JobRecord, JobState, WorkerId},
    page::{Page, PageRequest},
};
use async_trait::async_trait;

/// The number of jobs that a worker can run at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobSlots {
    /// Maximum number of jobs of any priority.
    pub all: u32,
    /// Maximum number of those that have another priority than
    /// [`MailPriority::Security`](crate::notice::MailPriority::Security).
    pub notices: u32,
}

impl JobSlots {
    /// Creates slots that jobs of any priority can fill.
    pub const fn any(all: u32) -> Self {
        Self { all, notices: all }
    }
}

/// A failed attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// A message for operators. It must contain no secret.
    pub error: String,
    pub at: Timestamp,
    /// The next attempt's time; without one the job becomes a dead letter.
    pub retry_at: Option<Timestamp>,
}

/// The number of jobs by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobCounts {
    /// Jobs that wait for their time or for a worker.
    pub queued: u32,
    pub running: u32,
    /// Jobs that are not retried until an operator requests it.
    pub dead: u32,
    /// The earliest time from which a waiting job could have been leased.
    pub due_since: Option<Timestamp>,
}

/// A durable job queue with leases: one worker runs a job at a time, and another one takes over when its lease ends.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// Leases due jobs to `worker` until `until`, as many as there are `places`: by
    /// [`MailPriority`](crate::notice::MailPriority), and of one priority the longest waiting first.
    ///
    /// - Concurrent calls never lease the same job.
    /// - A job whose lease has ended can be leased again.
    /// - A job whose payload can't be read becomes a dead letter. So does one with
    ///   [`MAX_ATTEMPTS`](crate::job::MAX_ATTEMPTS) attempts, as its workers died while they ran it.
    async fn lease(
        &self,
        worker: WorkerId,
        now: Timestamp,
        until: Timestamp,
        places: JobSlots,
    ) -> Result<Vec<Job>, RepositoryError>;

    /// Extends `worker`'s leases of these jobs until `until`. Leases that are no longer its own are unchanged.
    async fn extend(&self, jobs: Vec<JobId>, worker: WorkerId, until: Timestamp) -> Result<(), RepositoryError>;

    /// Completes the job. `Ok(false)` if the lease is no longer `worker`'s: another worker runs the job again.
    ///
    /// If another job with its [key](crate::job::JobPayload::key) was queued meanwhile, the job can be leased again
    /// with all its attempts and another nonce.
    async fn complete(&self, id: JobId, worker: WorkerId) -> Result<bool, RepositoryError>;

    /// Defers the job until `until`, with all its attempts. `Ok(false)` if the lease is no longer `worker`'s.
    async fn defer(&self, id: JobId, worker: WorkerId, until: Timestamp) -> Result<bool, RepositoryError>;

    /// Records a failed attempt. `Ok(false)` if the lease is no longer `worker`'s.
    async fn fail(&self, id: JobId, worker: WorkerId, failure: Failure) -> Result<bool, RepositoryError>;

    /// Releases every lease of `worker`, and returns their number. The jobs can be leased at once, and these attempts
    /// don't count.
    async fn release(&self, worker: WorkerId) -> Result<u64, RepositoryError>;

    /// Returns a page of jobs by ascending id, with their states at `now`; only jobs of `state` where it is given.
    async fn list(
        &self,
        state: Option<JobState>,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Page<JobRecord>, RepositoryError>;

    /// Counts the jobs at `now`. It reads the oldest `limit` jobs only, so that its duration is bounded; `due_since` is
    /// exact in any case.
    async fn count(&self, now: Timestamp, limit: u32) -> Result<JobCounts, RepositoryError>;

    /// Queues a dead job again, at once and with all its attempts. `Ok(false)` if there is no such dead job. Its
    /// [key](crate::job::JobPayload::key) is removed, as another job may have been queued with it meanwhile.
    async fn retry(&self, id: JobId, now: Timestamp) -> Result<bool, RepositoryError>;

    /// Queues every dead job again, and returns their number.
    async fn retry_all(&self, now: Timestamp) -> Result<u64, RepositoryError>;

    /// Deletes up to `limit` jobs that became dead at `until` or earlier, the earliest first, and returns their number.
    async fn delete_dead(&self, until: Timestamp, limit: u32) -> Result<u64, RepositoryError>;

    /// Waits until a job was queued through this adapter since the last call returned. Jobs that another process queued
    /// are not noticed, so that callers poll too.
    async fn wait(&self);
}
