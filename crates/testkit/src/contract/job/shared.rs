//! The ports of the queue of jobs, and what its cases have in common.

use crate::builders::{MOMENT, after, new_user};
use fasttrack_domain::{
    Timestamp,
    id::{JobId, UserId},
    job::{Job, JobPayload, JobRecord, JobState, WorkerId},
    page::PageRequest,
    ports::{
        job::{Failure, JobQueue, JobSlots},
        user::UserRepository,
    },
    user::NewUser,
};

ports! { users: UserRepository, jobs: JobQueue }

pub(super) fn worker(name: &str) -> WorkerId {
    WorkerId::new(name.to_owned())
}

/// A job whose time comes at `at`, as the verification mail of a new user.
pub(super) async fn given_job_at(ports: &Ports, at: Timestamp) -> UserId {
    ports.users.create(NewUser { email_verified: false, created_at: at, ..new_user() }).await.unwrap().id
}

pub(super) async fn given_job(ports: &Ports) -> UserId {
    given_job_at(ports, MOMENT).await
}

/// Until ten minutes after `now`.
pub(super) async fn lease(ports: &Ports, name: &str, now: i64, limit: u32) -> Vec<Job> {
    ports.jobs.lease(worker(name), after(now), after(now + 10), JobSlots::any(limit)).await.unwrap()
}

/// The only job that can be leased.
pub(super) async fn lease_one(ports: &Ports, name: &str, now: i64) -> Job {
    let [job] = lease(ports, name, now, 2).await.try_into().unwrap();
    job
}

pub(super) async fn list(ports: &Ports, state: Option<JobState>, now: i64) -> Vec<JobRecord> {
    ports.jobs.list(state, after(now), PageRequest::default()).await.unwrap().items
}

pub(super) async fn complete(ports: &Ports, id: JobId, name: &str) -> bool {
    ports.jobs.complete(id, worker(name)).await.unwrap()
}

/// Five minutes after [`MOMENT`].
pub(super) async fn fail(ports: &Ports, id: JobId, name: &str, retry_at: Option<Timestamp>) -> bool {
    let failure = Failure { error: "no answer".to_owned(), at: after(5), retry_at };
    ports.jobs.fail(id, worker(name), failure).await.unwrap()
}

pub(super) fn greeted(jobs: &[Job]) -> Vec<UserId> {
    let user = |job: &Job| match job.payload {
        JobPayload::VerificationMail { user_id } => user_id,
        _ => panic!("{job:?}"),
    };
    jobs.iter().map(user).collect()
}

pub(super) fn ids(jobs: &[JobRecord]) -> Vec<JobId> {
    jobs.iter().map(|job| job.id).collect()
}
