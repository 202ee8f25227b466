use super::{Failed, Jobs, Performed};
use crate::{Error, stored_error::one_line};
use chrono::TimeDelta;
use fasttrack_domain::{
    id::JobId,
    job::{Job, WorkerId},
    ports::job::{Failure, JobSlots},
};

/// How long a job is leased. A worker that doesn't extend the lease in time loses the job to another.
const LEASE: TimeDelta = TimeDelta::seconds(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempted {
    Done,
    Deferred,
    /// The attempt failed; there will be another.
    Failed,
    GivenUp,
}

// @spec SPEC-011
// @decision DEC-0010
/// A worker of the job queue. The caller decides when it runs, and how many jobs at once.
pub struct Worker {
    jobs: Jobs,
    id: WorkerId,
}

impl Worker {
    /// Creates a worker. No other worker may have this `id`.
    pub fn new(jobs: Jobs, id: WorkerId) -> Self {
        Self { jobs, id }
    }

    /// Leases due jobs, one for each free slot, for a minute; [`extend`](Self::extend) prolongs the leases.
    pub async fn lease(&self, places: JobSlots) -> Result<Vec<Job>, Error> {
        let now = self.jobs.clock.now();
        Ok(self.jobs.queue.lease(self.id.clone(), now, now + LEASE, places).await?)
    }

    /// Prolongs the leases of these jobs for another minute. Call it several times a minute for jobs that run, and for no
    /// others: another worker must be able to take a job whose result could not be stored.
    pub async fn extend(&self, jobs: Vec<JobId>) -> Result<(), Error> {
        Ok(self.jobs.queue.extend(jobs, self.id.clone(), self.jobs.clock.now() + LEASE).await?)
    }

    /// Performs a leased job, and removes it from the queue, defers it, or marks it dead.
    #[tracing::instrument(
        target = "fasttrack::job",
        name = "job",
        skip_all,
        fields(otel.name = job.payload.name(), job.id = job.id.get(), job.attempt = job.attempt)
    )]
    pub async fn run(&self, job: Job) -> Result<Attempted, Error> {
        let done = self.jobs.perform(&job).await;
        let at = self.jobs.clock.now();
        let (error, retry_at) = match done {
            Ok(Performed::Done) => {
                self.jobs.queue.complete(job.id, self.id.clone()).await?;
                return Ok(Attempted::Done);
            }
            Ok(Performed::Later(until)) => {
                self.jobs.queue.defer(job.id, self.id.clone(), until).await?;
                return Ok(Attempted::Deferred);
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
        let error = one_line(&error.to_string());
        self.jobs.queue.fail(job.id, self.id.clone(), Failure { error, at, retry_at }).await?;
        Ok(if retry_at.is_some() { Attempted::Failed } else { Attempted::GivenUp })
    }

    /// Releases the leases of jobs that this worker has not finished. Returns how many.
    pub async fn release(&self) -> Result<u64, Error> {
        Ok(self.jobs.queue.release(self.id.clone()).await?)
    }

    /// Waits until there may be a due job.
    pub async fn wait(&self) {
        self.jobs.queue.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ASSIGNEE, at, email, now, run, unavailable, user};
    use fasttrack_domain::{
        job::{JobPayload, MAX_ATTEMPTS},
        mail::Notice,
        notice::Admission,
        ports::{
            job::MockJobQueue,
            mail::{MailError, MockMailer},
            notice::MockNoticeRepository,
            user::MockUserRepository,
        },
    };
    use std::sync::{Arc, Mutex};

    fn me() -> WorkerId {
        WorkerId::new("node-1".to_owned())
    }

    fn job(attempt: u32) -> Job {
        let (user_id, email, notice) = (ASSIGNEE.id, email(), Notice::PasswordChanged);
        let payload = JobPayload::SecurityNoticeMail { user_id, email, notice };
        Job { id: JobId::new(5), payload, attempt, nonce: "nonce".to_owned() }
    }

    fn worker(queue: MockJobQueue, sent: Option<Result<(), MailError>>) -> Worker {
        let mut mailer = MockMailer::new();
        let admission = sent.map(|sent| {
            mailer.expect_send().times(1).return_once(|_| sent);
            Admission::Send
        });
        worker_where(queue, admission, mailer)
    }

    /// Returns a worker whose notices are decided by `admission`; `None` if none may be decided.
    fn worker_where(queue: MockJobQueue, admission: Option<Admission>, mailer: MockMailer) -> Worker {
        let (mut users, mut notices) = (MockUserRepository::new(), MockNoticeRepository::new());
        if let Some(admission) = admission {
            users.expect_find().times(1).return_once(|_| Ok(Some(user(ASSIGNEE))));
            notices.expect_admit().times(1).return_once(move |_, _, _| Ok(admission));
        }
        let jobs = Jobs {
            queue: Arc::new(queue),
            users: Arc::new(users),
            notices: Arc::new(notices),
            mailer: Arc::new(mailer),
            ..Jobs::mocked()
        };
        Worker::new(jobs, me())
    }

    /// Runs a job whose mail fails with `error`, and returns the failure that the queue records.
    fn failing(attempt: u32, error: MailError) -> Failure {
        let told = Arc::new(Mutex::new(None));
        let mut queue = MockJobQueue::new();
        let heard = Arc::clone(&told);
        queue.expect_fail().times(1).withf(|id, worker, _| *id == JobId::new(5) && *worker == me()).return_once(
            move |_, _, failure| {
                *heard.lock().unwrap() = Some(failure);
                Ok(true)
            },
        );
        let attempted = run(worker(queue, Some(Err(error))).run(job(attempt))).unwrap();
        let failure: Failure = told.lock().unwrap().take().unwrap();
        assert_eq!(attempted, if failure.retry_at.is_some() { Attempted::Failed } else { Attempted::GivenUp });
        failure
    }

    #[test]
    fn worker_leases_extends_and_releases_under_its_id() {
        let mut queue = MockJobQueue::new();
        queue
            .expect_lease()
            .times(1)
            .withf(|worker, from, until, places| {
                *worker == me() && *from == now() && *until == at(1060) && *places == JobSlots::any(4)
            })
            .return_once(|_, _, _, _| Ok(vec![job(1)]));
        queue
            .expect_extend()
            .times(1)
            .withf(|jobs, worker, until| *jobs == [JobId::new(5)] && *worker == me() && *until == at(1060))
            .return_once(|_, _, _| Ok(()));
        queue.expect_release().times(1).withf(|worker| *worker == me()).return_once(|_| Ok(1));
        let work = worker(queue, None);
        assert_eq!(run(work.lease(JobSlots::any(4))).unwrap(), [job(1)]);
        run(work.extend(vec![JobId::new(5)])).unwrap();
        assert_eq!(run(work.release()).unwrap(), 1);
    }

    #[test]
    fn done_job_leaves_queue_unless_another_worker_has_it() {
        for still_mine in [true, false] {
            let mut queue = MockJobQueue::new();
            queue
                .expect_complete()
                .times(1)
                .withf(|id, worker| *id == JobId::new(5) && *worker == me())
                .return_once(move |_, _| Ok(still_mine));
            assert_eq!(run(worker(queue, Some(Ok(()))).run(job(1))).unwrap(), Attempted::Done);
        }
    }

    #[test]
    fn a_job_whose_time_has_not_come_waits_for_it() {
        let mut queue = MockJobQueue::new();
        queue
            .expect_defer()
            .times(1)
            .withf(|id, worker, until| *id == JobId::new(5) && *worker == me() && *until == at(1600))
            .return_once(|_, _, _| Ok(true));
        let work = worker_where(queue, Some(Admission::Later(at(1600))), MockMailer::new());
        assert_eq!(run(work.run(job(1))).unwrap(), Attempted::Deferred);
    }

    #[test]
    fn temporary_failure_is_retried_until_the_last_attempt() {
        let busy = || MailError::Temporary("busy".into());
        for attempt in [1, MAX_ATTEMPTS - 1] {
            let Failure { error, at, retry_at } = failing(attempt, busy());
            assert!(error.contains("busy"), "{error}");
            assert_eq!((at, retry_at), (now(), job(attempt).next_attempt(now())));
            assert!(retry_at > Some(now()));
        }
        assert_eq!(failing(MAX_ATTEMPTS, busy()).retry_at, None);
    }

    #[test]
    fn what_never_will_succeed_is_given_up_at_once() {
        let Failure { error, retry_at, .. } = failing(1, MailError::Permanent("no such user".into()));
        assert!(error.contains("no such user"), "{error}");
        assert_eq!(retry_at, None);
    }

    #[test]
    fn an_error_is_kept_on_one_line() {
        let error = failing(1, MailError::Temporary("a\r\nb".into())).error;
        assert!(error.contains("a  b"), "{error}");
    }

    #[test]
    fn what_came_of_a_job_is_not_lost_in_silence() {
        let mut queue = MockJobQueue::new();
        queue.expect_complete().times(1).return_once(|_, _| Err(unavailable()));
        let result = run(worker(queue, Some(Ok(()))).run(job(1)));
        assert!(matches!(result, Err(Error::Unavailable { .. })));
    }

    #[test]
    fn worker_waits_for_its_queue() {
        let mut queue = MockJobQueue::new();
        queue.expect_wait().times(1).return_const(());
        run(worker(queue, None).wait());
    }
}
