//! How many mails of notice a user gets.

use super::simultaneously;
use crate::{
    builders::{after, task_assigned_mail, task_names},
    given,
};
use fasttrack_domain::{
    id::{JobId, ProjectId, UserId},
    job::{Job, JobPayload, WorkerId},
    notice::{Admission, MAX_HELD, MAX_NOTICES, MailClass},
    ports::{
        job::{JobQueue, JobSlots},
        notice::NoticeRepository,
        user::UserRepository,
    },
};
use std::sync::atomic::{AtomicU64, Ordering};

contract! { $
    notice { users: UserRepository, notices: NoticeRepository, jobs: JobQueue }
    a_task_is_mailed_again_after_ten_minutes,
    notices_beyond_twenty_an_hour_go_into_one_digest,
    a_digest_has_the_last_state_of_each_task,
    task_notices_do_not_use_up_account_notices,
    an_admitted_mail_is_admitted_again_when_retried,
    simultaneous_notices_do_not_exceed_the_limit,
    held_notices_are_in_one_digest_only,
    a_digest_reports_notices_beyond_the_kept_ones,
    users_are_counted_separately,
    expired_notices_are_deleted,
}

/// A job with a nonce of its own.
fn job(payload: JobPayload) -> Job {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let nonce = format!("nonce{}", COUNT.fetch_add(1, Ordering::Relaxed));
    Job { id: JobId::new(1), payload, attempt: 1, nonce }
}

/// The assignment of a task, as `by` made it.
fn assigned(user_id: UserId, task: i64, by: &str) -> Job {
    job(task_assigned_mail(user_id, task_names(ProjectId::new(12), task), by))
}

/// Admits the job so many minutes after [`MOMENT`](crate::builders::MOMENT).
async fn admit(ports: &Ports, job: &Job, minutes: i64) -> Admission {
    ports.notices.admit(job.clone(), job.payload.class().unwrap(), after(minutes)).await.unwrap()
}

async fn admit_task(ports: &Ports, user: UserId, task: i64, minutes: i64) -> Admission {
    admit(ports, &assigned(user, task, "Ann"), minutes).await
}

async fn admit_account(ports: &Ports, user_id: UserId, minutes: i64) -> Admission {
    let job = job(JobPayload::DigestMail { user_id });
    ports.notices.admit(job, MailClass::Account { user_id }, after(minutes)).await.unwrap()
}

/// Uses up the notices of the first hour.
async fn given_twenty(ports: &Ports, user: UserId) {
    for task in 0..i64::try_from(MAX_NOTICES).unwrap() {
        assert_eq!(admit_task(ports, user, 1000 + task, 0).await, Admission::Send);
    }
}

/// The digest that is queued, once its time has come.
async fn lease_digest(ports: &Ports, minutes: i64) -> Job {
    let worker = WorkerId::new("digest".to_owned());
    let [job] = ports
        .jobs
        .lease(worker, after(minutes), after(minutes + 1), JobSlots::any(2))
        .await
        .unwrap()
        .try_into()
        .unwrap();
    job
}

async fn digest(ports: &Ports, user: UserId, job: &Job) -> Vec<JobPayload> {
    let held = ports.notices.digest(user, job.nonce.clone()).await.unwrap();
    assert!(!held.uncounted);
    held.payloads
}

async fn given_twenty_more(ports: &Ports, user: UserId) {
    for task in 0..i64::try_from(MAX_NOTICES).unwrap() {
        assert_eq!(admit_task(ports, user, 2000 + task, 60).await, Admission::Send);
    }
}

/// Another task is mailed at once.
async fn a_task_is_mailed_again_after_ten_minutes(ports: &Ports) {
    let user = given::user(ports).await.id;
    assert_eq!(admit_task(ports, user, 1, 0).await, Admission::Send);
    for minutes in [0, 5, 9] {
        assert_eq!(admit_task(ports, user, 1, minutes).await, Admission::Later(after(10)));
    }
    assert_eq!(admit_task(ports, user, 2, 0).await, Admission::Send);
    assert_eq!(admit_task(ports, user, 1, 10).await, Admission::Send);
    assert_eq!(admit_task(ports, user, 1, 11).await, Admission::Later(after(20)));
}

/// The digest is a job that is due when the hour is over.
async fn notices_beyond_twenty_an_hour_go_into_one_digest(ports: &Ports) {
    let user = given::user(ports).await.id;
    given_twenty(ports, user).await;
    let beyond = [assigned(user, 1, "Ann"), assigned(user, 2, "Ann"), assigned(user, 3, "Ann")];
    for job in &beyond {
        assert_eq!(admit(ports, job, 1).await, Admission::Held { digest_at: after(60) });
    }
    let worker = WorkerId::new("early".to_owned());
    assert_eq!(ports.jobs.lease(worker, after(59), after(60), JobSlots::any(9)).await.unwrap(), []);
    let job = lease_digest(ports, 60).await;
    assert_eq!(job.payload, JobPayload::DigestMail { user_id: user });
    assert_eq!(admit(ports, &job, 60).await, Admission::Send);
    assert_eq!(digest(ports, user, &job).await, beyond.map(|job| job.payload));
    assert_eq!(admit_task(ports, user, 4, 60).await, Admission::Send);
}

async fn a_digest_has_the_last_state_of_each_task(ports: &Ports) {
    let user = given::user(ports).await.id;
    given_twenty(ports, user).await;
    let (other, last) = (assigned(user, 2, "Ann"), assigned(user, 1, "Zoë"));
    for job in [&assigned(user, 1, "Ann"), &other, &assigned(user, 1, "Bob"), &last] {
        admit(ports, job, 1).await;
    }
    let job = lease_digest(ports, 60).await;
    admit(ports, &job, 60).await;
    assert_eq!(digest(ports, user, &job).await, [last.payload, other.payload]);
}

async fn task_notices_do_not_use_up_account_notices(ports: &Ports) {
    let user = given::user(ports).await.id;
    given_twenty(ports, user).await;
    for _ in 0..MAX_NOTICES {
        assert_eq!(admit_account(ports, user, 1).await, Admission::Send);
    }
    assert_eq!(admit_account(ports, user, 2).await, Admission::Held { digest_at: after(61) });
}

/// A mail that is retried counts once.
async fn an_admitted_mail_is_admitted_again_when_retried(ports: &Ports) {
    let user = given::user(ports).await.id;
    let job = assigned(user, 1, "Ann");
    for minutes in [0, 0, 5, 50] {
        assert_eq!(admit(ports, &job, minutes).await, Admission::Send);
    }
    for task in 2..=i64::try_from(MAX_NOTICES).unwrap() {
        assert_eq!(admit_task(ports, user, task, 50).await, Admission::Send, "{task}");
    }
    assert_eq!(admit_task(ports, user, 99, 50).await, Admission::Held { digest_at: after(60) });
    assert_eq!(admit(ports, &job, 51).await, Admission::Send);
}

async fn simultaneous_notices_do_not_exceed_the_limit(ports: &Ports) {
    let user = given::user(ports).await.id;
    let let_through = |tasks: i64| async move {
        let admissions = simultaneously(30, |n| {
            let ports = ports.clone();
            async move { admit_task(&ports, user, i64::try_from(n).unwrap() % tasks, 0).await }
        })
        .await;
        admissions.into_iter().filter(|admission| *admission == Admission::Send).count()
    };
    assert_eq!(let_through(1).await, 1);
    assert_eq!(let_through(30).await, MAX_NOTICES - 1);
}

/// A digest that is retried has the same notices. Later ones go into the next digest, an hour later.
async fn held_notices_are_in_one_digest_only(ports: &Ports) {
    let user = given::user(ports).await.id;
    given_twenty(ports, user).await;
    let (first, second) = (assigned(user, 1, "Ann"), assigned(user, 1, "Bob"));
    admit(ports, &first, 1).await;
    let job = lease_digest(ports, 60).await;
    for _ in 0..2 {
        assert_eq!(admit(ports, &job, 60).await, Admission::Send);
        assert_eq!(digest(ports, user, &job).await, *std::slice::from_ref(&first.payload));
    }
    given_twenty_more(ports, user).await;
    assert_eq!(admit(ports, &second, 61).await, Admission::Held { digest_at: after(120) });
    assert_eq!(digest(ports, user, &job).await, [first.payload]);
    ports.notices.digest_sent(user, job.nonce.clone()).await.unwrap();
    assert_eq!(digest(ports, user, &job).await, []);

    assert!(ports.jobs.complete(job.id, WorkerId::new("digest".to_owned())).await.unwrap());
    let next = lease_digest(ports, 120).await;
    assert_ne!(next.nonce, job.nonce);
    assert_eq!(admit(ports, &next, 119).await, Admission::Later(after(120)));
    assert_eq!(digest(ports, user, &next).await, []);
    assert_eq!(admit(ports, &next, 120).await, Admission::Send);
    assert_eq!(digest(ports, user, &next).await, [second.payload]);
}

async fn a_digest_reports_notices_beyond_the_kept_ones(ports: &Ports) {
    let user = given::user(ports).await.id;
    given_twenty(ports, user).await;
    for task in 0..i64::try_from(MAX_HELD).unwrap() + 5 {
        admit_task(ports, user, task, 1).await;
    }
    let job = lease_digest(ports, 60).await;
    admit(ports, &job, 60).await;
    let held = ports.notices.digest(user, job.nonce).await.unwrap();
    assert!(held.uncounted && held.payloads.len() == MAX_HELD);
}

async fn users_are_counted_separately(ports: &Ports) {
    let (ann, bob) = (given::user(ports).await.id, given::user(ports).await.id);
    given_twenty(ports, ann).await;
    admit_task(ports, ann, 1, 0).await;
    assert_eq!(admit_task(ports, bob, 1, 0).await, Admission::Send);
    let job = lease_digest(ports, 60).await;
    assert_eq!(admit(ports, &job, 60).await, Admission::Send);
    assert_eq!(digest(ports, bob, &job).await, []);
    assert_eq!(digest(ports, ann, &job).await.len(), 1);
}

/// Notices that are held for a digest are deleted after a month.
async fn expired_notices_are_deleted(ports: &Ports) {
    let user = given::user(ports).await.id;
    given_twenty(ports, user).await;
    admit_task(ports, user, 1, 1).await;
    assert_eq!(ports.notices.delete_expired(after(59), 100).await.unwrap(), 0);
    assert_eq!(admit_task(ports, user, 2, 59).await, Admission::Held { digest_at: after(60) });
    assert_eq!(ports.notices.delete_expired(after(60), 100).await.unwrap(), MAX_NOTICES as u64);
    // What is held waits for a digest that can't be sent, for a month.
    assert_eq!(ports.notices.delete_expired(after(30 * 24 * 60), 100).await.unwrap(), 0);
    assert_eq!(ports.notices.delete_expired(after(30 * 24 * 60 + 59), 100).await.unwrap(), 2);
}
