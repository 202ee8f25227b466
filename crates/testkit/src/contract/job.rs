//! The queue of jobs.

use super::{conflict, simultaneously};
use crate::{
    builders::{MOMENT, after, new_user},
    given,
};
use fasttrack_domain::{
    Timestamp,
    id::{JobId, UserId},
    job::{Job, JobPayload, JobRecord, JobState, MAX_ATTEMPTS, WorkerId},
    page::PageRequest,
    ports::{
        constraint,
        job::{Failure, JobQueue, JobSlots},
        user::UserRepository,
    },
    user::NewUser,
};
use std::{collections::HashSet, time::Duration};
use tokio::time::timeout;

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

async fn a_job_is_queued_with_its_account(ports: &Ports) {
    let user = given::user(ports).await;
    let refused = ports.users.create(NewUser { email_verified: false, email: user.email, ..new_user() }).await;
    assert_eq!(conflict(refused), constraint::USER_EMAIL);
    assert_eq!(list(ports, None, 0).await, []);

    given_job(ports).await;
    let [job] = list(ports, None, 0).await.try_into().unwrap();
    let expected = JobRecord {
        id: job.id,
        kind: "verification_mail".to_owned(),
        state: JobState::Queued,
        attempts: 0,
        run_at: MOMENT,
        created_at: MOMENT,
        last_error: None,
    };
    assert_eq!(job, expected);
}

/// No job is leased before its time, and no more are leased than there are places.
async fn jobs_that_wait_longest_are_leased_first(ports: &Ports) {
    let mut users = Vec::new();
    for minutes in [3, 1, 2, 1, 9] {
        users.push(given_job_at(ports, after(minutes)).await);
    }
    assert_eq!(lease(ports, "early", 0, 10).await, []);
    assert_eq!(lease(ports, "nothing", 3, 0).await, []);
    let first = lease(ports, "first", 3, 3).await;
    assert_eq!(greeted(&first), [users[1], users[3], users[2]]);
    assert!(first.iter().all(|job| job.attempt == 1));
    assert_eq!(greeted(&lease(ports, "second", 3, 3).await), [users[0]]);
    assert_eq!(lease(ports, "late", 3, 3).await, []);
}

/// The next lease is another attempt.
async fn a_leased_job_is_not_leased_again_before_the_lease_ends(ports: &Ports) {
    given_job(ports).await;
    let job = lease_one(ports, "first", 0).await;
    for name in ["second", "first"] {
        assert_eq!(lease(ports, name, 9, 1).await, []);
    }
    assert_eq!(lease_one(ports, "second", 10).await, Job { attempt: 2, ..job });
}

/// Every job is leased.
async fn simultaneous_leases_never_get_the_same_job(ports: &Ports) {
    let mut users = HashSet::new();
    for _ in 0..40 {
        users.insert(given_job(ports).await);
    }
    let leased = simultaneously(10, |n| {
        let ports = ports.clone();
        async move {
            let (mut mine, name) = (Vec::new(), format!("worker {n}"));
            loop {
                let more = lease(&ports, &name, 0, 3).await;
                assert!(more.len() <= 3);
                if more.is_empty() {
                    return greeted(&mine);
                }
                mine.extend(more);
            }
        }
    })
    .await
    .concat();
    assert_eq!(leased.len(), 40);
    assert_eq!(leased.into_iter().collect::<HashSet<_>>(), users);
}

/// Leases of other jobs and of other workers stay as they are.
async fn a_lease_can_be_extended(ports: &Ports) {
    for _ in 0..3 {
        given_job(ports).await;
    }
    let jobs = lease(ports, "first", 0, 2).await;
    let other = lease_one(ports, "other", 0).await;
    ports.jobs.extend(vec![jobs[0].id, other.id], worker("first"), after(20)).await.unwrap();
    ports.jobs.extend(Vec::new(), worker("first"), after(30)).await.unwrap();
    let again: Vec<_> = lease(ports, "second", 15, 3).await.iter().map(|job| job.id).collect();
    assert_eq!(again, [jobs[1].id, other.id]);
    ports.jobs.extend(vec![jobs[1].id], worker("first"), after(60)).await.unwrap();
    assert_eq!(lease(ports, "third", 25, 3).await.len(), 3);
}

/// Only the worker that leased it can complete it, once.
async fn a_completed_job_is_gone(ports: &Ports) {
    for _ in 0..2 {
        given_job(ports).await;
    }
    let jobs = lease(ports, "first", 0, 2).await;
    assert!(!complete(ports, jobs[0].id, "second").await);
    assert!(complete(ports, jobs[0].id, "first").await);
    assert!(!complete(ports, jobs[0].id, "first").await);
    assert!(!fail(ports, jobs[0].id, "first", None).await);
    assert_eq!(ids(&list(ports, None, 0).await), [jobs[1].id]);
    assert!(lease_one(ports, "second", 10).await.id == jobs[1].id);
}

async fn a_worker_without_lease_cannot_complete_or_fail(ports: &Ports) {
    given_job(ports).await;
    let job = lease_one(ports, "first", 0).await;
    lease_one(ports, "second", 10).await;
    assert!(!complete(ports, job.id, "first").await);
    assert!(!fail(ports, job.id, "first", Some(after(11))).await);
    assert_eq!(ports.jobs.release(worker("first")).await.unwrap(), 0);
    let [record] = list(ports, Some(JobState::Running), 10).await.try_into().unwrap();
    assert_eq!((record.attempts, record.last_error), (2, None));
    assert!(complete(ports, job.id, "second").await);
}

async fn a_failed_job_is_retried_at_its_time(ports: &Ports) {
    given_job(ports).await;
    let job = lease_one(ports, "first", 0).await;
    assert!(!fail(ports, job.id, "second", Some(after(7))).await);
    assert!(fail(ports, job.id, "first", Some(after(7))).await);
    assert!(!complete(ports, job.id, "first").await);
    let [record] = list(ports, Some(JobState::Queued), 5).await.try_into().unwrap();
    assert_eq!((record.attempts, record.run_at, record.created_at), (1, after(7), MOMENT));
    assert_eq!(record.last_error.as_deref(), Some("no answer"));
    assert_eq!(lease(ports, "first", 6, 1).await, []);
    assert_eq!(lease_one(ports, "first", 7).await, Job { attempt: 2, ..job });
}

async fn a_job_without_retry_is_dead(ports: &Ports) {
    given_job(ports).await;
    let job = lease_one(ports, "first", 0).await;
    assert!(fail(ports, job.id, "first", None).await);
    assert!(!complete(ports, job.id, "first").await);
    let dead = list(ports, Some(JobState::Dead), 5).await;
    assert_eq!(list(ports, None, 5).await, dead);
    let [record] = dead.try_into().unwrap();
    assert_eq!((record.id, record.state, record.attempts), (job.id, JobState::Dead, 1));
    assert_eq!(record.last_error.as_deref(), Some("no answer"));
    assert_eq!(lease(ports, "first", 1_000_000, 1).await, []);
}

/// Its workers died each time without reporting a failure.
async fn a_job_beyond_its_attempts_is_dead(ports: &Ports) {
    given_job(ports).await;
    for attempt in 1..=MAX_ATTEMPTS {
        let now = i64::from(attempt) * 10;
        assert_eq!(lease_one(ports, "dying", now).await.attempt, attempt);
    }
    let released = ports.jobs.release(worker("dying")).await.unwrap();
    assert_eq!((released, lease_one(ports, "dying", 130).await.attempt), (1, MAX_ATTEMPTS));
    assert_eq!(lease(ports, "next", 140, 1).await, []);
    let [record] = list(ports, Some(JobState::Dead), 140).await.try_into().unwrap();
    assert_eq!(record.attempts, MAX_ATTEMPTS);
    assert!(record.last_error.is_some() && !complete(ports, record.id, "dying").await);
}

/// Released jobs can be leased at once, and the attempts do not count.
async fn a_worker_can_release_its_leases(ports: &Ports) {
    for _ in 0..3 {
        given_job(ports).await;
    }
    let jobs = lease(ports, "first", 0, 2).await;
    lease_one(ports, "other", 0).await;
    assert_eq!(ports.jobs.release(worker("first")).await.unwrap(), 2);
    assert_eq!(ports.jobs.release(worker("first")).await.unwrap(), 0);
    assert!(!complete(ports, jobs[0].id, "first").await);
    assert_eq!(list(ports, Some(JobState::Running), 0).await.len(), 1);
    assert_eq!(lease(ports, "second", 0, 3).await, jobs);
}

/// A deferral is no attempt.
async fn a_deferred_job_waits_for_its_time(ports: &Ports) {
    given_job(ports).await;
    let job = lease_one(ports, "first", 0).await;
    assert!(!ports.jobs.defer(job.id, worker("second"), after(7)).await.unwrap());
    assert!(ports.jobs.defer(job.id, worker("first"), after(7)).await.unwrap());
    assert!(!ports.jobs.defer(job.id, worker("first"), after(8)).await.unwrap());
    assert!(!complete(ports, job.id, "first").await);
    let [record] = list(ports, Some(JobState::Queued), 5).await.try_into().unwrap();
    assert_eq!((record.attempts, record.run_at, record.last_error), (0, after(7), None));
    assert_eq!(lease(ports, "first", 6, 1).await, []);
    assert_eq!(lease_one(ports, "first", 7).await, job);
}

async fn a_nonce_is_unique_and_stays_for_each_attempt(ports: &Ports) {
    for _ in 0..3 {
        given_job(ports).await;
    }
    let jobs = lease(ports, "first", 0, 3).await;
    let nonces: HashSet<_> = jobs.iter().map(|job| job.nonce.clone()).collect();
    assert_eq!(nonces.len(), 3);
    for nonce in &nonces {
        assert!(nonce.len() >= 32 && nonce.chars().all(|c| c.is_ascii_alphanumeric()), "{nonce}");
    }
    assert!(fail(ports, jobs[0].id, "first", Some(after(6))).await);
    assert!(ports.jobs.defer(jobs[1].id, worker("first"), after(6)).await.unwrap());
    assert!(fail(ports, jobs[2].id, "first", None).await);
    assert!(ports.jobs.retry(jobs[2].id, after(6)).await.unwrap());
    let again: HashSet<_> = lease(ports, "second", 6, 3).await.into_iter().map(|job| job.nonce).collect();
    assert_eq!(again, nonces);
}

/// A job that was queued before the wait wakes it, too.
async fn a_queued_job_wakes_the_waiting_worker(ports: &Ports) {
    let woken = async || timeout(Duration::from_secs(30), ports.jobs.wait()).await.unwrap();
    given_job(ports).await;
    woken().await;
    let (user, ()) = tokio::join!(given_job(ports), woken());
    let jobs = lease(ports, "first", 0, 2).await;
    assert_eq!(greeted(&jobs)[1], user);
    for job in jobs {
        assert!(fail(ports, job.id, "first", None).await);
    }
    assert_eq!(ports.jobs.retry_all(after(5)).await.unwrap(), 2);
    woken().await;
}
