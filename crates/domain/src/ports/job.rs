//! The queue of jobs. Jobs are made by the methods of other ports, with the change that promises them.

use super::RepositoryError;
use crate::{
    Timestamp,
    id::JobId,
    job::{Job, JobRecord, JobState, WorkerId},
    page::{Page, PageRequest},
};
use async_trait::async_trait;

/// How many jobs a worker has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// In all.
    pub all: u32,
    /// Of them for others than those of [`Priority::Security`](crate::notice::Priority::Security).
    pub notices: u32,
}

impl Places {
    /// Places for any job.
    pub const fn any(all: u32) -> Self {
        Self { all, notices: all }
    }
}

/// How an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// For operators. Without secrets.
    pub error: String,
    /// When it failed.
    pub at: Timestamp,
    /// When to try again; never where absent.
    pub retry_at: Option<Timestamp>,
}

/// What stands in the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Jobs that wait, for their time or for a worker.
    pub queued: u32,
    /// Jobs that are being done.
    pub running: u32,
    /// Jobs that were given up.
    pub dead: u32,
    /// Since when the one could be leased that waits longest.
    pub due_since: Option<Timestamp>,
}

/// A durable queue: a job is done by one worker at a time, and by another one when that worker is gone.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// Leases jobs whose time has come at `now`, as many as there are `places`, to `worker` until `until`: by
    /// [`Priority`](crate::notice::Priority), and of each those that wait longest first. Of simultaneous calls no two get the same job. A job whose lease is over can be leased again. One
    /// whose payload can't be read is dead, and so is one that was begun [`MAX_ATTEMPTS`](crate::job::MAX_ATTEMPTS)
    /// times: its workers died over it.
    async fn lease(
        &self,
        worker: WorkerId,
        now: Timestamp,
        until: Timestamp,
        places: Places,
    ) -> Result<Vec<Job>, RepositoryError>;

    /// Keeps `worker`'s leases of these jobs until `until`; those that are no longer its own stay as they are.
    async fn extend(&self, jobs: Vec<JobId>, worker: WorkerId, until: Timestamp) -> Result<(), RepositoryError>;

    /// The job is done. `Ok(false)` where the lease is no longer `worker`'s: somebody else does it again.
    /// Where another with its [key](crate::job::JobPayload::key) was asked for meanwhile, it can be leased again, with all
    /// its attempts and another nonce.
    async fn complete(&self, id: JobId, worker: WorkerId) -> Result<bool, RepositoryError>;

    /// The job is not to be done before `until`: it can be leased again then, with all its attempts. `Ok(false)` where
    /// the lease is no longer `worker`'s.
    async fn defer(&self, id: JobId, worker: WorkerId, until: Timestamp) -> Result<bool, RepositoryError>;

    /// The attempt failed. `Ok(false)` where the lease is no longer `worker`'s.
    async fn fail(&self, id: JobId, worker: WorkerId, failure: Failure) -> Result<bool, RepositoryError>;

    /// Hands back every lease of `worker`: the jobs can be leased at once, and the attempts don't count. How many.
    async fn release(&self, worker: WorkerId) -> Result<u64, RepositoryError>;

    /// A page of jobs by ascending id, as they stand at `now`; only those of `state` where it is given.
    async fn list(
        &self,
        state: Option<JobState>,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Page<JobRecord>, RepositoryError>;

    /// What stands in the queue at `now`. Counts the oldest `limit` jobs, so that it takes no longer than that however
    /// many there are; `due_since` is right in any case.
    async fn tally(&self, now: Timestamp, limit: u32) -> Result<Tally, RepositoryError>;

    /// Lets a dead job be done again, at once and with all its attempts. `Ok(false)` where there is no such dead job.
    /// Its [key](crate::job::JobPayload::key) is given up: another one may have been queued meanwhile.
    async fn retry(&self, id: JobId, now: Timestamp) -> Result<bool, RepositoryError>;

    /// The same for every dead job. How many.
    async fn retry_all(&self, now: Timestamp) -> Result<u64, RepositoryError>;

    /// Deletes up to `limit` jobs that were given up at `until` or earlier, the earliest first. How many.
    async fn delete_dead(&self, until: Timestamp, limit: u32) -> Result<u64, RepositoryError>;

    /// Waits until a job was queued through this adapter since the last call returned. A hint: what another process
    /// queued is not noticed.
    async fn wait(&self);
}
