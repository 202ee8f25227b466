//! Requests, each of which queues a mail.

use super::shared::Ports;
use crate::{
    builders::{MOMENT, after, email},
    contract::simultaneously,
};
use fasttrack_domain::{
    email::Email,
    job::{Job, JobPayload, WorkerId},
    ports::job::{Failure, JobSlots},
};
use std::time::Duration;
use tokio::time::timeout;

fn worker() -> WorkerId {
    WorkerId::new("worker".to_owned())
}

/// Every address to which a mail is to be sent at `now`; the jobs are leased for ten minutes.
async fn lease(ports: &Ports, now: i64) -> Vec<(Job, Email)> {
    let jobs = ports.jobs.lease(worker(), after(now), after(now + 10), JobSlots::any(100)).await.unwrap();
    let to = |job: Job| match job.payload.clone() {
        JobPayload::PasswordResetMail { email } => (job, email),
        _ => panic!("{job:?}"),
    };
    jobs.into_iter().map(to).collect()
}

async fn lease_one(ports: &Ports, now: i64) -> (Job, Email) {
    let [job] = lease(ports, now).await.try_into().unwrap();
    job
}

/// Another one can be queued once the mail is sent.
pub(super) async fn one_reset_mail_per_address_is_queued(ports: &Ports) {
    let (ann, bob) = (email(), email());
    for address in [&ann, &bob, &ann, &ann] {
        ports.resets.request(address.clone(), MOMENT).await.unwrap();
    }
    let [(job, first), (_, second)] = lease(ports, 1).await.try_into().unwrap();
    assert_eq!([&first, &second], [&ann, &bob]);
    assert!(ports.jobs.complete(job.id, worker()).await.unwrap());
    assert_eq!(lease(ports, 2).await, []);
    ports.resets.request(ann.clone(), after(3)).await.unwrap();
    assert_eq!(lease_one(ports, 4).await.1, ann);
}

/// A user with the mail may request another one before the worker completes the job.
pub(super) async fn a_request_during_sending_is_queued_behind(ports: &Ports) {
    let address = email();
    ports.resets.request(address.clone(), MOMENT).await.unwrap();
    let (job, _) = lease_one(ports, 1).await;
    for _ in 0..2 {
        ports.resets.request(address.clone(), after(2)).await.unwrap();
    }
    assert_eq!(lease(ports, 3).await, []);
    assert!(ports.jobs.complete(job.id, worker()).await.unwrap());
    let (again, to) = lease_one(ports, 4).await;
    assert_eq!((to, again.attempt), (address.clone(), 1));
    assert!(ports.jobs.complete(again.id, worker()).await.unwrap());
    assert!(!ports.jobs.complete(again.id, worker()).await.unwrap());
    assert_eq!(lease(ports, 5).await, []);
}

pub(super) async fn a_failed_mail_is_retried_once_for_all_requests(ports: &Ports) {
    let address = email();
    ports.resets.request(address.clone(), MOMENT).await.unwrap();
    let (job, _) = lease_one(ports, 1).await;
    ports.resets.request(address, after(1)).await.unwrap();
    let failure = Failure { error: "no".to_owned(), at: after(2), retry_at: Some(after(3)) };
    assert!(ports.jobs.fail(job.id, worker(), failure).await.unwrap());
    let (again, _) = lease_one(ports, 3).await;
    assert!(ports.jobs.complete(again.id, worker()).await.unwrap());
    assert_eq!(lease(ports, 4).await, []);
}

pub(super) async fn one_of_simultaneous_requests_is_queued(ports: &Ports) {
    let address = email();
    simultaneously(20, |_| {
        let (resets, address) = (ports.resets.clone(), address.clone());
        async move { resets.request(address, MOMENT).await.unwrap() }
    })
    .await;
    lease_one(ports, 1).await;
}

/// Nor does it block them when it is retried.
pub(super) async fn a_dead_request_does_not_block_new_ones(ports: &Ports) {
    let address = email();
    ports.resets.request(address.clone(), MOMENT).await.unwrap();
    let (job, _) = lease_one(ports, 1).await;
    let failure = Failure { error: "no".to_owned(), at: after(1), retry_at: None };
    assert!(ports.jobs.fail(job.id, worker(), failure).await.unwrap());
    ports.resets.request(address.clone(), after(2)).await.unwrap();
    assert_eq!(ports.jobs.retry_all(after(2)).await.unwrap(), 1);
    assert_eq!(lease(ports, 3).await.len(), 2);
}

pub(super) async fn a_request_wakes_the_waiting_worker(ports: &Ports) {
    ports.resets.request(email(), MOMENT).await.unwrap();
    timeout(Duration::from_secs(10), ports.jobs.wait()).await.unwrap();
}
