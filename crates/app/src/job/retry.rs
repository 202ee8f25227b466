use super::Jobs;
use crate::Error;
use fasttrack_domain::id::JobId;

#[derive(Clone, Copy, Debug)]
pub enum RetryJobs {
    One(JobId),
    All,
}

impl Jobs {
    /// Queues dead jobs again, for an operator. Returns how many.
    ///
    /// [`Error::NotFound`] where there is no such dead job.
    pub async fn retry(&self, command: RetryJobs) -> Result<u64, Error> {
        let now = self.clock.now();
        match command {
            RetryJobs::All => Ok(self.queue.retry_all(now).await?),
            RetryJobs::One(id) if self.queue.retry(id, now).await? => Ok(1),
            RetryJobs::One(_) => Err(Error::NotFound("dead job")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{now, run};
    use fasttrack_domain::ports::job::MockJobQueue;
    use std::sync::Arc;

    fn retry_one(found: bool) -> Result<u64, Error> {
        let mut queue = MockJobQueue::new();
        queue
            .expect_retry()
            .times(1)
            .withf(|id, at| *id == JobId::new(5) && *at == now())
            .return_once(move |_, _| Ok(found));
        run(Jobs { queue: Arc::new(queue), ..Jobs::mocked() }.retry(RetryJobs::One(JobId::new(5))))
    }

    #[test]
    fn only_a_dead_job_can_be_retried() {
        assert_eq!(retry_one(true).unwrap(), 1);
        assert!(matches!(retry_one(false), Err(Error::NotFound("dead job"))));
    }

    #[test]
    fn all_of_them_may_be_none() {
        for count in [0, 7] {
            let mut queue = MockJobQueue::new();
            queue.expect_retry_all().times(1).withf(|at| *at == now()).return_once(move |_| Ok(count));
            assert_eq!(run(Jobs { queue: Arc::new(queue), ..Jobs::mocked() }.retry(RetryJobs::All)).unwrap(), count);
        }
    }
}
