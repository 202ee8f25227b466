//! How a job ends, and what remains of it.

use super::shared::{Ports, complete, fail, given_job, ids, lease, lease_one, list, worker};
use crate::builders::{MOMENT, after};
use fasttrack_domain::job::{Job, JobState, MAX_ATTEMPTS};
use std::collections::HashSet;

/// Only the worker that leased it can complete it, once.
pub(super) async fn a_completed_job_is_gone(ports: &Ports) {
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

pub(super) async fn a_worker_without_lease_cannot_complete_or_fail(ports: &Ports) {
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

pub(super) async fn a_failed_job_is_retried_at_its_time(ports: &Ports) {
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

pub(super) async fn a_job_without_retry_is_dead(ports: &Ports) {
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
pub(super) async fn a_job_beyond_its_attempts_is_dead(ports: &Ports) {
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

/// A deferral is no attempt.
pub(super) async fn a_deferred_job_waits_for_its_time(ports: &Ports) {
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

pub(super) async fn a_nonce_is_unique_and_stays_for_each_attempt(ports: &Ports) {
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
