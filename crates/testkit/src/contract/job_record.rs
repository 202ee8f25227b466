//! Jobs as operators see them: lists, counts, and dead jobs that are retried or deleted.

use crate::builders::{MOMENT, after, new_user};
use fasttrack_domain::{
    Timestamp,
    id::{JobId, UserId},
    job::{Job, JobPayload, JobRecord, JobState, WorkerId},
    page::{Cursor, Limit, PageRequest},
    ports::{
        job::{Failure, JobCounts, JobQueue, JobSlots},
        user::UserRepository,
    },
    user::NewUser,
};

contract! { $
    job_record { users: UserRepository, jobs: JobQueue }
    jobs_are_listed_by_their_state,
    a_dead_job_can_be_retried,
    all_dead_jobs_can_be_retried_at_once,
    old_dead_jobs_are_deleted,
    jobs_are_counted_by_state_with_the_oldest_due_moment,
    job_counts_stop_at_the_limit,
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

/// Jobs have the state of the given moment and come by ascending id.
async fn jobs_are_listed_by_their_state(ports: &Ports) {
    for minutes in [0, 0, 0, 50] {
        given_job_at(ports, after(minutes)).await;
    }
    let all = ids(&list(ports, None, 0).await);
    assert!(all.len() == 4 && all.is_sorted());
    let leased = lease(ports, "first", 0, 2).await;
    assert!(fail(ports, leased[0].id, "first", None).await);
    for (state, now, expected) in [
        (JobState::Dead, 5, &all[..1]),
        (JobState::Running, 5, &all[1..2]),
        (JobState::Queued, 5, &all[2..]),
        (JobState::Dead, 10, &all[..1]),
        (JobState::Running, 10, &[]),
        (JobState::Queued, 10, &all[1..]),
    ] {
        let jobs = list(ports, Some(state), now).await;
        assert_eq!(ids(&jobs), expected, "{state:?} at {now}");
        assert!(jobs.iter().all(|job| job.state == state));
    }
    assert_eq!(ids(&list(ports, None, 5).await), all);

    let two = PageRequest { limit: Limit::new(2).unwrap(), cursor: None };
    let page = ports.jobs.list(Some(JobState::Queued), after(10), two).await.unwrap();
    assert_eq!((ids(&page.items), page.next), (all[1..3].to_vec(), Some(Cursor::after(all[2].get()))));
    let rest =
        ports.jobs.list(Some(JobState::Queued), after(10), PageRequest { cursor: page.next, ..two }).await.unwrap();
    assert_eq!((ids(&rest.items), rest.next), (all[3..].to_vec(), None));
}

/// It has all its attempts again. A job that is not dead stays as it is.
async fn a_dead_job_can_be_retried(ports: &Ports) {
    let user = given_job(ports).await;
    let job = lease_one(ports, "first", 0).await;
    assert!(!ports.jobs.retry(job.id, after(1)).await.unwrap());
    assert!(fail(ports, job.id, "first", Some(after(2))).await);
    assert!(!ports.jobs.retry(job.id, after(2)).await.unwrap());
    lease_one(ports, "second", 2).await;
    assert!(fail(ports, job.id, "second", None).await);

    for id in [0, job.id.get() + 1, i64::MAX].map(JobId::new) {
        assert!(!ports.jobs.retry(id, after(6)).await.unwrap(), "{id}");
    }
    assert!(ports.jobs.retry(job.id, after(6)).await.unwrap());
    assert!(!ports.jobs.retry(job.id, after(6)).await.unwrap());
    let [record] = list(ports, Some(JobState::Queued), 6).await.try_into().unwrap();
    assert_eq!((record.attempts, record.run_at, record.last_error), (0, after(6), None));
    let again = lease_one(ports, "third", 6).await;
    assert_eq!((again.attempt, greeted(&[again])), (1, vec![user]));
}

async fn all_dead_jobs_can_be_retried_at_once(ports: &Ports) {
    assert_eq!(ports.jobs.retry_all(MOMENT).await.unwrap(), 0);
    for _ in 0..4 {
        given_job(ports).await;
    }
    let jobs = lease(ports, "first", 0, 4).await;
    for job in &jobs[..2] {
        assert!(fail(ports, job.id, "first", None).await);
    }
    assert!(fail(ports, jobs[2].id, "first", Some(after(30))).await);
    assert_eq!(ports.jobs.retry_all(after(6)).await.unwrap(), 2);
    assert_eq!(list(ports, Some(JobState::Dead), 6).await, []);
    let again: Vec<_> = lease(ports, "second", 6, 4).await.iter().map(|job| job.id).collect();
    assert_eq!(again, [jobs[0].id, jobs[1].id]);
}

/// Those that died first are deleted first, up to the limit.
async fn old_dead_jobs_are_deleted(ports: &Ports) {
    for minute in [3, 1, 2, 1] {
        given_job_at(ports, after(minute)).await;
    }
    let leased = lease(ports, "first", 3, 10).await;
    for (job, minute) in leased.iter().zip([4, 5, 6]) {
        let failure = Failure { error: "no answer".to_owned(), at: after(minute), retry_at: None };
        assert!(ports.jobs.fail(job.id, worker("first"), failure).await.unwrap());
    }
    let delete = async |minute, limit| ports.jobs.delete_dead(after(minute), limit).await.unwrap();
    assert_eq!(delete(3, 10).await, 0);
    assert_eq!(delete(6, 1).await, 1);
    assert_eq!(ids(&list(ports, Some(JobState::Dead), 9).await).len(), 2);
    assert_eq!(delete(5, 10).await, 1);
    assert_eq!(ids(&list(ports, Some(JobState::Dead), 9).await), [leased[2].id]);
    assert_eq!(delete(6, 10).await, 1);
    assert_eq!(ids(&list(ports, None, 9).await), [leased[3].id]);
}

async fn jobs_are_counted_by_state_with_the_oldest_due_moment(ports: &Ports) {
    assert_eq!(ports.jobs.count(MOMENT, 100).await.unwrap(), JobCounts::default());
    for minutes in [1, 1, 2, 3, 9] {
        ports.users.create(NewUser { email_verified: false, created_at: after(minutes), ..new_user() }).await.unwrap();
    }
    let tally = async |minutes| ports.jobs.count(after(minutes), 100).await.unwrap();
    let waiting = JobCounts { queued: 5, ..JobCounts::default() };
    assert_eq!(tally(0).await, waiting);
    assert_eq!(tally(5).await, JobCounts { due_since: Some(after(1)), ..waiting });

    let worker = || WorkerId::new("worker".to_owned());
    let leased = ports.jobs.lease(worker(), after(5), after(6), JobSlots::any(2)).await.unwrap();
    let given_up = Failure { error: "no such address".to_owned(), at: after(5), retry_at: None };
    ports.jobs.fail(leased[0].id, worker(), given_up).await.unwrap();
    let begun = JobCounts { queued: 3, running: 1, dead: 1, due_since: Some(after(2)) };
    assert_eq!(tally(5).await, begun);
    // Its worker is gone.
    assert_eq!(tally(6).await, JobCounts { queued: 4, running: 0, due_since: Some(after(1)), ..begun });
}

async fn job_counts_stop_at_the_limit(ports: &Ports) {
    for _ in 0..3 {
        ports.users.create(NewUser { email_verified: false, ..new_user() }).await.unwrap();
    }
    let tally = ports.jobs.count(after(1), 2).await.unwrap();
    assert_eq!((tally.queued, tally.due_since), (2, Some(MOMENT)));
}
