//! The queue of jobs.

mod leases;
mod outcomes;

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
use leases::{
    a_job_is_queued_with_its_account, a_lease_can_be_extended, a_leased_job_is_not_leased_again_before_the_lease_ends,
    a_queued_job_wakes_the_waiting_worker, a_worker_can_release_its_leases, jobs_that_wait_longest_are_leased_first,
    simultaneous_leases_never_get_the_same_job,
};
use outcomes::{
    a_completed_job_is_gone, a_deferred_job_waits_for_its_time, a_failed_job_is_retried_at_its_time,
    a_job_beyond_its_attempts_is_dead, a_job_without_retry_is_dead, a_nonce_is_unique_and_stays_for_each_attempt,
    a_worker_without_lease_cannot_complete_or_fail,
};

contract! { $
    job { users: UserRepository, jobs: JobQueue }
    a_job_is_queued_with_its_account,
    jobs_that_wait_longest_are_leased_first,
    a_leased_job_is_not_leased_again_before_the_lease_ends,
    simultaneous_leases_never_get_the_same_job,
    a_lease_can_be_extended,
    a_completed_job_is_gone,
    a_worker_without_lease_cannot_complete_or_fail,
    a_failed_job_is_retried_at_its_time,
    a_job_without_retry_is_dead,
    a_job_beyond_its_attempts_is_dead,
    a_worker_can_release_its_leases,
    a_deferred_job_waits_for_its_time,
    a_nonce_is_unique_and_stays_for_each_attempt,
    a_queued_job_wakes_the_waiting_worker,
}

fn worker(name: &str) -> WorkerId {
    WorkerId::new(name.to_owned())
}

/// A job whose time comes at `at`, as the verification mail of a new user.
async fn given_job_at(ports: &Ports, at: Timestamp) -> UserId {
    ports.users.create(NewUser { email_verified: false, created_at: at, ..new_user() }).await.unwrap().id
}

async fn given_job(ports: &Ports) -> UserId {
    given_job_at(ports, MOMENT).await
}

/// Until ten minutes after `now`.
async fn lease(ports: &Ports, name: &str, now: i64, limit: u32) -> Vec<Job> {
    ports.jobs.lease(worker(name), after(now), after(now + 10), JobSlots::any(limit)).await.unwrap()
}

/// The only job that can be leased.
async fn lease_one(ports: &Ports, name: &str, now: i64) -> Job {
    let [job] = lease(ports, name, now, 2).await.try_into().unwrap();
    job
}

async fn list(ports: &Ports, state: Option<JobState>, now: i64) -> Vec<JobRecord> {
    ports.jobs.list(state, after(now), PageRequest::default()).await.unwrap().items
}

async fn complete(ports: &Ports, id: JobId, name: &str) -> bool {
    ports.jobs.complete(id, worker(name)).await.unwrap()
}

/// Five minutes after [`MOMENT`].
async fn fail(ports: &Ports, id: JobId, name: &str, retry_at: Option<Timestamp>) -> bool {
    let failure = Failure { error: "no answer".to_owned(), at: after(5), retry_at };
    ports.jobs.fail(id, worker(name), failure).await.unwrap()
}

fn greeted(jobs: &[Job]) -> Vec<UserId> {
    let user = |job: &Job| match job.payload {
        JobPayload::VerificationMail { user_id } => user_id,
        _ => panic!("{job:?}"),
    };
    jobs.iter().map(user).collect()
}

fn ids(jobs: &[JobRecord]) -> Vec<JobId> {
    jobs.iter().map(|job| job.id).collect()
}
