//! Which jobs are leased, to which worker, and for how long.

use super::shared::{Ports, complete, fail, given_job, given_job_at, greeted, lease, lease_one, list, worker};
use crate::{
    builders::{MOMENT, after, new_user},
    contract::{conflict, simultaneously},
    given,
};
use fasttrack_domain::{
    job::{Job, JobRecord, JobState},
    ports::constraint,
    user::NewUser,
};
use std::{collections::HashSet, time::Duration};
use tokio::time::timeout;

pub(super) async fn a_job_is_queued_with_its_account(ports: &Ports) {
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
pub(super) async fn jobs_that_wait_longest_are_leased_first(ports: &Ports) {
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
pub(super) async fn a_leased_job_is_not_leased_again_before_the_lease_ends(ports: &Ports) {
    given_job(ports).await;
    let job = lease_one(ports, "first", 0).await;
    for name in ["second", "first"] {
        assert_eq!(lease(ports, name, 9, 1).await, []);
    }
    assert_eq!(lease_one(ports, "second", 10).await, Job { attempt: 2, ..job });
}

/// Every job is leased.
pub(super) async fn simultaneous_leases_never_get_the_same_job(ports: &Ports) {
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
pub(super) async fn a_lease_can_be_extended(ports: &Ports) {
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

/// Released jobs can be leased at once, and the attempts do not count.
pub(super) async fn a_worker_can_release_its_leases(ports: &Ports) {
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

/// A job that was queued before the wait wakes it, too.
pub(super) async fn a_queued_job_wakes_the_waiting_worker(ports: &Ports) {
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
