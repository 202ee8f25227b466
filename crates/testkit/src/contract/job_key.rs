//! Priorities of jobs, and jobs that replace others of their key.

use crate::{
    builders::{MOMENT, after, task_assigned_mail, task_names, title},
    given,
};
use fasttrack_domain::{
    Timestamp,
    email::Email,
    id::JobId,
    job::{Job, JobPayload, JobRecord, JobState, NewJob, WorkerId},
    mail::Notice,
    notification::TaskNames,
    page::PageRequest,
    password::PasswordHash,
    ports::{
        job::{JobQueue, JobSlots},
        outbox::{Consequence, Outbox},
        password_reset::PasswordResetRepository,
        project::ProjectRepository,
        task::TaskRepository,
        user::UserRepository,
    },
    project::Project,
    user::User,
};

contract! { $
    job_key {
        users: UserRepository,
        projects: ProjectRepository,
        tasks: TaskRepository,
        outbox: Outbox,
        resets: PasswordResetRepository,
        jobs: JobQueue,
    }
    jobs_are_leased_by_their_priority,
    the_last_of_jobs_with_one_key_is_done,
    consequences_of_one_dispatch_may_share_keys,
}

fn worker(name: &str) -> WorkerId {
    WorkerId::new(name.to_owned())
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

/// A mail to the project's owner for this task, assigned by `by` at `at`; its payload.
async fn given_task_mail(ports: &Ports, project: &Project, task: i64, by: &str, at: Timestamp) -> JobPayload {
    let payload = task_assigned_mail(project.owner_id, task_names(project.id, task), by);
    let job = NewJob { payload: payload.clone(), created_at: at };
    given::consequences(ports, vec![Consequence::Enqueue(job)]).await;
    payload
}

async fn given_reset(ports: &Ports, address: &str, at: Timestamp) -> JobPayload {
    let email = Email::parse(address).unwrap();
    ports.resets.request(email.clone(), at).await.unwrap();
    JobPayload::PasswordResetMail { email }
}

/// A mail that warns a user of a new password.
async fn given_notice(ports: &Ports, at: Timestamp) -> JobPayload {
    let User { id, email, .. } = given::user(ports).await;
    ports.users.reset_password(id, PasswordHash::new("new".to_owned()), at, None).await.unwrap().unwrap();
    JobPayload::SecurityNoticeMail { user_id: id, email, notice: Notice::PasswordChanged }
}

/// Job slots that are not for notices are kept for mails about security.
async fn jobs_are_leased_by_their_priority(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let tasks = [
        given_task_mail(ports, &project, 1, "Ann", after(0)).await,
        given_task_mail(ports, &project, 2, "Ann", after(1)).await,
    ];
    let notice = given_notice(ports, after(2)).await;
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
    assert_eq!(payloads("first", 3, JobSlots { all: 1, notices: 1 }).await, [first]);
    assert_eq!(payloads("second", 3, JobSlots { all: 4, notices: 0 }).await, [second]);
    assert_eq!(payloads("third", 3, JobSlots { all: 4, notices: 0 }).await, []);
    let [one, two] = tasks;
    assert_eq!(payloads("fourth", 3, JobSlots { all: 4, notices: 2 }).await, [notice, one]);
    assert_eq!(payloads("fifth", 9, JobSlots::any(4)).await, [third, two]);
}

/// A job that is requested while it is running is done once more, with another nonce.
async fn the_last_of_jobs_with_one_key_is_done(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    for by in ["Ann", "Bob", "Zoë"] {
        given_task_mail(ports, &project, 1, by, after(0)).await;
    }
    let other = given_task_mail(ports, &project, 2, "Ann", after(1)).await;
    let last = given_task_mail(ports, &project, 1, "Eve", after(2)).await;
    let jobs = lease(ports, "first", 2, 9).await;
    assert_eq!([&jobs[0].payload, &jobs[1].payload], [&last, &other]);
    assert_eq!(jobs.len(), 2);

    let meanwhile = given_task_mail(ports, &project, 1, "Bob", after(2)).await;
    assert_eq!(lease(ports, "second", 3, 9).await, []);
    assert!(complete(ports, jobs[0].id, "first").await);
    let once_more = lease_one(ports, "second", 3).await;
    assert_eq!((once_more.id, once_more.attempt, &once_more.payload), (jobs[0].id, 1, &meanwhile));
    assert_ne!(once_more.nonce, jobs[0].nonce);

    // What was asked for before it was deferred is part of it.
    let deferred = given_task_mail(ports, &project, 1, "Zoë", after(3)).await;
    assert!(ports.jobs.defer(once_more.id, worker("second"), after(9)).await.unwrap());
    assert_eq!(lease_one(ports, "third", 9).await.payload, deferred);
    assert!(complete(ports, once_more.id, "third").await);
    assert!(complete(ports, jobs[1].id, "first").await);
    assert_eq!(list(ports, None, 9).await, []);
}

/// One dispatch has many jobs of one key and many keys.
async fn consequences_of_one_dispatch_may_share_keys(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let payload = |n: i64| {
        let task = TaskNames { task: title(&format!("Paint {n}")), ..task_names(project.id, n % 7) };
        task_assigned_mail(owner.id, task, "Ann")
    };
    let jobs = (0..300).map(|n| Consequence::Enqueue(NewJob { payload: payload(n), created_at: MOMENT })).collect();
    given::consequences(ports, jobs).await;
    let leased: Vec<_> = lease(ports, "first", 0, 100).await.into_iter().map(|job| job.payload).collect();
    let expected: Vec<_> = (0..7).map(|task| payload((0..300).rev().find(|n| n % 7 == task).unwrap())).collect();
    assert_eq!(leased, expected);
}
