//! Mails that warn a user about its account.

use crate::{
    builders::{after, email},
    given,
};
use fasttrack_domain::{
    email::Email,
    job::{JobPayload, WorkerId},
    mail::Notice,
    password::PasswordHash,
    ports::{
        job::{JobQueue, JobSlots},
        session::SessionRepository,
        user::UserRepository,
    },
    user::{User, UserPatch},
};

contract! { $
    security_notice { users: UserRepository, sessions: SessionRepository, jobs: JobQueue }
    changes_of_password_and_address_queue_a_notice,
    a_session_revoked_by_reuse_queues_one_notice,
}

/// Commits the change.
async fn save(ports: &Ports, user: &User, patch: UserPatch) -> User {
    ports.users.save(user.apply(patch, after(1)).unwrap(), None).await.unwrap().unwrap()
}

/// Changes the address, or makes it pending beside the former one.
async fn moved(ports: &Ports, user: &User, to: &Email, keeps_proven_email: bool) -> User {
    save(ports, user, UserPatch { email: Some(to.clone()), keeps_proven_email, ..UserPatch::default() }).await
}

/// The payloads of all queued jobs, which it completes.
async fn payloads(ports: &Ports) -> Vec<JobPayload> {
    let worker = WorkerId::new("worker".to_owned());
    let jobs = ports.jobs.lease(worker.clone(), after(60), after(70), JobSlots::any(100)).await.unwrap();
    for job in &jobs {
        assert!(ports.jobs.complete(job.id, worker.clone()).await.unwrap());
    }
    jobs.into_iter().map(|job| job.payload).collect()
}

fn notice(user: &User, notice: Notice) -> JobPayload {
    JobPayload::SecurityNoticeMail { user_id: user.id, email: user.email.clone(), notice }
}

async fn changes_of_password_and_address_queue_a_notice(ports: &Ports) {
    let user = given::user(ports).await;
    let proven_by = ports.users.credentials(user.id).await.unwrap().unwrap().password_hash.unwrap();
    let password = PasswordHash::new("new".to_owned());
    let change = fasttrack_domain::password::PasswordChange {
        user_id: user.id,
        proven_by,
        password: password.clone(),
        kept: None,
        at: after(1),
    };
    ports.users.change_password(change).await.unwrap().unwrap();
    assert_eq!(payloads(ports).await, [notice(&user, Notice::PasswordChanged)]);
    let changed = ports.users.reset_password(user.id, password, after(1), None).await.unwrap().unwrap();
    assert_eq!(payloads(ports).await, [notice(&user, Notice::PasswordChanged)]);
    assert!(changed.email_verified);
    let moved = moved(ports, &changed, &email(), false).await;
    assert!(!moved.email_verified);
    let mut queued = payloads(ports).await;
    queued.sort_by_key(JobPayload::name);
    assert_eq!(queued[0], notice(&user, Notice::EmailChanged));
    assert_eq!(queued.len(), 2);
}

async fn a_session_revoked_by_reuse_queues_one_notice(ports: &Ports) {
    let user = given::user(ports).await;
    let (login, refresh) = given::login(ports, user.id).await;
    for _ in 0..4 {
        ports.sessions.exchange(crate::builders::exchange(login.session.id, &refresh)).await.unwrap();
    }
    assert_eq!(payloads(ports).await, [notice(&user, Notice::SessionRevoked)]);
}
