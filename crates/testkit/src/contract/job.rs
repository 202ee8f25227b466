//! The queue of jobs.

use super::{conflict, simultaneously};
use crate::{
    Ports,
    builders::{MOMENT, after, display_name, new_user, project_name, title},
};
use fasttrack_domain::{
    Timestamp,
    email::Email,
    id::{JobId, ProjectId, TaskId, UserId},
    job::{Job, JobPayload, JobRecord, JobState, MAX_ATTEMPTS, NewJob, WorkerId},
    mail::Notice,
    notification::TaskNames,
    page::{Cursor, Limit, PageRequest},
    password::PasswordHash,
    ports::{
        constraint,
        job::{Failure, Places},
        outbox::Consequence,
    },
    user::{NewUser, User},
};
use std::{collections::HashSet, time::Duration};
use tokio::time::timeout;

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
    ports.jobs.lease(worker(name), after(now), after(now + 10), Places::any(limit)).await.unwrap()
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

/// And not without it.
pub async fn a_job_is_queued_with_the_account_that_promises_it(ports: &Ports) {
    let user = ports.given_user().await;
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

/// No more than asked for, and none before its time.
pub async fn jobs_that_wait_longest_are_leased_first(ports: &Ports) {
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

/// Then it can be leased again, which is another attempt.
pub async fn a_leased_job_is_nobody_elses_until_the_lease_is_over(ports: &Ports) {
    given_job(ports).await;
    let job = lease_one(ports, "first", 0).await;
    for name in ["second", "first"] {
        assert_eq!(lease(ports, name, 9, 1).await, []);
    }
    assert_eq!(lease_one(ports, "second", 10).await, Job { attempt: 2, ..job });
}

/// And none is forgotten.
pub async fn of_simultaneous_leases_no_two_get_the_same_job(ports: &Ports) {
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

/// Of these jobs and by this worker only.
pub async fn a_lease_can_be_extended(ports: &Ports) {
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

/// By whoever leased it, once.
pub async fn a_completed_job_is_gone(ports: &Ports) {
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

/// The job is done by the other one.
pub async fn who_lost_a_lease_can_neither_complete_nor_fail(ports: &Ports) {
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

/// With the reason, for operators.
pub async fn a_failed_job_is_tried_again_at_its_time(ports: &Ports) {
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

/// Whatever time passes.
pub async fn a_job_that_is_given_up_is_dead(ports: &Ports) {
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

/// Nobody said so: its workers died over it, each time.
pub async fn a_job_that_was_begun_too_often_is_dead(ports: &Ports) {
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

/// At once, and with all its attempts. One that isn't dead is left alone.
pub async fn a_dead_job_can_be_revived(ports: &Ports) {
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

/// And no other one.
pub async fn every_dead_job_can_be_revived_at_once(ports: &Ports) {
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

/// At once, without counting the attempt. Those of others stay.
pub async fn a_worker_hands_back_its_leases(ports: &Ports) {
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

/// As they stand at that moment, by ascending id.
pub async fn jobs_are_listed_by_their_state(ports: &Ports) {
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

/// Also where the job came first.
pub async fn whoever_waits_is_told_of_a_job(ports: &Ports) {
    let told = async || timeout(Duration::from_secs(30), ports.jobs.wait()).await.unwrap();
    given_job(ports).await;
    told().await;
    let (user, ()) = tokio::join!(given_job(ports), told());
    let jobs = lease(ports, "first", 0, 2).await;
    assert_eq!(greeted(&jobs)[1], user);
    for job in jobs {
        assert!(fail(ports, job.id, "first", None).await);
    }
    assert_eq!(ports.jobs.retry_all(after(5)).await.unwrap(), 2);
    told().await;
}

/// Those that were given up until then, the earliest first and no more than asked for. Others stay.
pub async fn jobs_that_died_long_ago_are_deleted(ports: &Ports) {
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

/// A mail for this task, assigned by `by` at `at`; its payload.
async fn given_task_mail(ports: &Ports, user_id: UserId, task: i64, by: &str, at: Timestamp) -> JobPayload {
    let task = TaskNames {
        task_id: TaskId::new(task),
        task: title("Paint"),
        project_id: ProjectId::new(12),
        project: project_name("House"),
    };
    let payload = JobPayload::TaskAssignedMail { user_id, task, assigned_by: display_name(by) };
    let job = NewJob { payload: payload.clone(), created_at: at };
    ports.given_consequences(vec![Consequence::Enqueue(job)]).await;
    payload
}

async fn given_reset(ports: &Ports, address: &str, at: Timestamp) -> JobPayload {
    let email = Email::parse(address).unwrap();
    ports.resets.request(email.clone(), at).await.unwrap();
    JobPayload::PasswordResetMail { email }
}

/// A mail that tells a user of a new password.
async fn given_notice(ports: &Ports, at: Timestamp) -> JobPayload {
    let User { id, email, .. } = ports.given_user().await;
    ports.users.reset_password(id, PasswordHash::new("new".to_owned()), at, None).await.unwrap().unwrap();
    JobPayload::SecurityNoticeMail { user_id: id, email, notice: Notice::PasswordChanged }
}

/// Whatever waits longer. Some places are for those alone that somebody waits for.
pub async fn jobs_are_leased_by_their_priority(ports: &Ports) {
    let user = ports.given_user().await.id;
    let tasks = [
        given_task_mail(ports, user, 1, "Ann", after(0)).await,
        given_task_mail(ports, user, 2, "Ann", after(1)).await,
    ];
    let told = given_notice(ports, after(2)).await;
    let resets = [
        given_reset(ports, "a@example.org", after(3)).await,
        given_reset(ports, "b@example.org", after(3)).await,
        given_reset(ports, "c@example.org", after(9)).await,
    ];
    let payloads = async |name: &str, now, places| {
        let jobs = ports.jobs.lease(worker(name), after(now), after(now + 100), places).await.unwrap();
        jobs.into_iter().map(|job| job.payload).collect::<Vec<_>>()
    };
    let [first, second, third] = resets;
    assert_eq!(payloads("first", 3, Places { all: 1, notices: 1 }).await, [first]);
    assert_eq!(payloads("second", 3, Places { all: 4, notices: 0 }).await, [second]);
    assert_eq!(payloads("third", 3, Places { all: 4, notices: 0 }).await, []);
    let [one, two] = tasks;
    assert_eq!(payloads("fourth", 3, Places { all: 4, notices: 2 }).await, [told, one]);
    assert_eq!(payloads("fifth", 9, Places::any(4)).await, [third, two]);
}

/// And by nobody before; it was no attempt.
pub async fn a_job_that_is_deferred_waits_for_its_time(ports: &Ports) {
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

/// Random, and the same for each attempt.
pub async fn a_nonce_tells_a_job_from_all_others(ports: &Ports) {
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

/// In its place. While it is being done, it is done once more, as another mail.
pub async fn of_jobs_with_one_key_the_last_is_done(ports: &Ports) {
    let user = ports.given_user().await.id;
    for by in ["Ann", "Bob", "Zoë"] {
        given_task_mail(ports, user, 1, by, after(0)).await;
    }
    let other = given_task_mail(ports, user, 2, "Ann", after(1)).await;
    let last = given_task_mail(ports, user, 1, "Eve", after(2)).await;
    let jobs = lease(ports, "first", 2, 9).await;
    assert_eq!([&jobs[0].payload, &jobs[1].payload], [&last, &other]);
    assert_eq!(jobs.len(), 2);

    let meanwhile = given_task_mail(ports, user, 1, "Bob", after(2)).await;
    assert_eq!(lease(ports, "second", 3, 9).await, []);
    assert!(complete(ports, jobs[0].id, "first").await);
    let once_more = lease_one(ports, "second", 3).await;
    assert_eq!((once_more.id, once_more.attempt, &once_more.payload), (jobs[0].id, 1, &meanwhile));
    assert_ne!(once_more.nonce, jobs[0].nonce);

    // What was asked for before it was deferred is part of it.
    let deferred = given_task_mail(ports, user, 1, "Zoë", after(3)).await;
    assert!(ports.jobs.defer(once_more.id, worker("second"), after(9)).await.unwrap());
    assert_eq!(lease_one(ports, "third", 9).await.payload, deferred);
    assert!(complete(ports, once_more.id, "third").await);
    assert!(complete(ports, jobs[1].id, "first").await);
    assert_eq!(list(ports, None, 9).await, []);
}

/// Many of one key, and many keys, are one statement's work.
pub async fn consequences_of_one_dispatch_may_share_keys(ports: &Ports) {
    let user_id = ports.given_user().await.id;
    let payload = |n: i64| {
        let task = TaskNames {
            task_id: TaskId::new(n % 7),
            task: title(&format!("Paint {n}")),
            project_id: ProjectId::new(12),
            project: project_name("House"),
        };
        JobPayload::TaskAssignedMail { user_id, task, assigned_by: display_name("Ann") }
    };
    let jobs = (0..300).map(|n| Consequence::Enqueue(NewJob { payload: payload(n), created_at: MOMENT })).collect();
    ports.given_consequences(jobs).await;
    let leased: Vec<_> = lease(ports, "first", 0, 100).await.into_iter().map(|job| job.payload).collect();
    let expected: Vec<_> = (0..7).map(|task| payload((0..300).rev().find(|n| n % 7 == task).unwrap())).collect();
    assert_eq!(leased, expected);
}
