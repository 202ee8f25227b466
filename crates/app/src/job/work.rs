//! A worker takes jobs from the queue, does them, and says what came of it.

use super::perform::{Failed, Perform};
use crate::Error;
use chrono::TimeDelta;
use fasttrack_domain::{
    id::JobId,
    job::{Job, WorkerId},
    ports::{
        clock::Clock,
        job::{Failure, JobQueue},
    },
};
use std::sync::Arc;

/// A worker that isn't heard of for so long is gone, and its jobs are another's.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// Bytes of an error that are kept.
const MAX_ERROR: usize = 500;

/// What one worker does with the queue. Who runs it decides when and how much at once.
pub struct Work {
    queue: Arc<dyn JobQueue>,
    perform: Perform,
    clock: Arc<dyn Clock>,
    worker: WorkerId,
}

impl Work {
    /// As `worker`, which nobody else is.
    pub fn new(queue: Arc<dyn JobQueue>, perform: Perform, clock: Arc<dyn Clock>, worker: WorkerId) -> Self {
        Self { queue, perform, clock, worker }
    }

    /// Up to `limit` jobs whose time has come. They are this worker's for a minute, and longer while it
    /// [extends](Self::extend) them.
    pub async fn lease(&self, limit: u32) -> Result<Vec<Job>, Error> {
        let now = self.clock.now();
        Ok(self.queue.lease(self.worker.clone(), now, now + LEASE, limit).await?)
    }

    /// Keeps the leases of these jobs for another minute. Call it several times a minute for those that are being
    /// done, and for no others: what came of them may have failed to be written down.
    pub async fn extend(&self, jobs: Vec<JobId>) -> Result<(), Error> {
        Ok(self.queue.extend(jobs, self.worker.clone(), self.clock.now() + LEASE).await?)
    }

    /// Does a leased job, and takes it off the queue, puts it back for later, or gives it up.
    pub async fn execute(&self, job: Job) -> Result<(), Error> {
        let done = self.perform.execute(&job).await;
        let at = self.clock.now();
        let (error, retry_at) = match done {
            Ok(()) => {
                self.queue.complete(job.id, self.worker.clone()).await?;
                return Ok(());
            }
            Err(Failed::Temporary(error)) => (error, job.next_attempt(at)),
            Err(Failed::Permanent(error)) => (error, None),
        };
        let (id, kind, attempt) = (job.id.get(), job.payload.name(), job.attempt);
        if let Some(retry_at) = retry_at {
            tracing::warn!(id, kind, attempt, %error, %retry_at, "a job failed; it is tried again");
        } else {
            tracing::error!(id, kind, attempt, %error, "a job was given up; see `fasttrack jobs list`");
        }
        let mut error = error.to_string().replace('\0', "");
        error.truncate(error.floor_char_boundary(MAX_ERROR));
        self.queue.fail(job.id, self.worker.clone(), Failure { error, at, retry_at }).await?;
        Ok(())
    }

    /// Hands back what this worker has leased and not done. How many.
    pub async fn release(&self) -> Result<u64, Error> {
        Ok(self.queue.release(self.worker.clone()).await?)
    }

    /// Waits until there may be something to do.
    pub async fn wait(&self) {
        self.queue.wait().await;
    }
}
