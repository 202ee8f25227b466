//! Password resets: requested, mailed and used.

use super::{blocklist, simultaneously};
use crate::{
    builders::{MOMENT, after, email, exchange, new_password_reset},
    given,
};
use chrono::TimeDelta;
use fasttrack_domain::{
    Timestamp,
    email::Email,
    id::UserId,
    job::{Job, JobPayload, WorkerId},
    password::{PasswordChange, PasswordHash},
    password_reset::{MAX_RESETS, NewPasswordReset, Redemption},
    ports::{
        job::{Failure, JobQueue, JobSlots},
        password_reset::PasswordResetRepository,
        revocation::RevocationRepository,
        session::SessionRepository,
        user::UserRepository,
    },
    revocation::Revocation,
    session::Exchanged,
    ticket::SecretHash,
    user::{User, UserPatch},
};

contract! { $
    password_reset {
        users: UserRepository,
        resets: PasswordResetRepository,
        jobs: JobQueue,
        sessions: SessionRepository,
        revocations: RevocationRepository,
    }
    one_reset_mail_per_address_is_queued,
    a_request_during_sending_is_queued_behind,
    a_failed_mail_is_retried_once_for_all_requests,
    one_of_simultaneous_requests_is_queued,
    a_dead_request_does_not_block_new_ones,
    a_request_wakes_the_waiting_worker,
    a_token_is_redeemed_once_and_ends_every_session,
    a_token_can_set_a_first_password,
    one_of_simultaneous_redemptions_succeeds,
    an_unknown_token_is_refused,
    an_expired_token_is_refused,
    the_next_token_replaces_the_former_one,
    a_token_ends_with_its_password_account_or_address,
    unknown_and_inactive_users_get_no_token,
    tokens_of_a_user_are_limited_until_the_last_expires,
    expired_tokens_are_deleted,
}

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

async fn given_token(ports: &Ports, user: &User) -> NewPasswordReset {
    let reset = new_password_reset(user);
    assert!(ports.resets.create(reset.clone()).await.unwrap());
    reset
}

fn redemption(hash: SecretHash) -> Redemption {
    let password = PasswordHash::new("another".to_owned());
    Redemption { hash, password, at: after(1) }
}

async fn is_good(ports: &Ports, hash: SecretHash) -> bool {
    let found = ports.resets.find(hash, after(1)).await.unwrap().is_some();
    // What isn't found can't be used, and using it does nothing.
    assert!(found || ports.resets.redeem(redemption(hash)).await.unwrap().is_none());
    found
}

async fn password_of(ports: &Ports, user: &User) -> Option<PasswordHash> {
    ports.users.credentials(user.id).await.unwrap().unwrap().password_hash
}

/// Another one can be queued once the mail is sent.
async fn one_reset_mail_per_address_is_queued(ports: &Ports) {
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
async fn a_request_during_sending_is_queued_behind(ports: &Ports) {
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

async fn a_failed_mail_is_retried_once_for_all_requests(ports: &Ports) {
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

async fn one_of_simultaneous_requests_is_queued(ports: &Ports) {
    let address = email();
    simultaneously(20, |_| {
        let (resets, address) = (ports.resets.clone(), address.clone());
        async move { resets.request(address, MOMENT).await.unwrap() }
    })
    .await;
    lease_one(ports, 1).await;
}

/// Nor does it block them when it is retried.
async fn a_dead_request_does_not_block_new_ones(ports: &Ports) {
    let address = email();
    ports.resets.request(address.clone(), MOMENT).await.unwrap();
    let (job, _) = lease_one(ports, 1).await;
    let failure = Failure { error: "no".to_owned(), at: after(1), retry_at: None };
    assert!(ports.jobs.fail(job.id, worker(), failure).await.unwrap());
    ports.resets.request(address.clone(), after(2)).await.unwrap();
    assert_eq!(ports.jobs.retry_all(after(2)).await.unwrap(), 1);
    assert_eq!(lease(ports, 3).await.len(), 2);
}

async fn a_request_wakes_the_waiting_worker(ports: &Ports) {
    ports.resets.request(email(), MOMENT).await.unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(10), ports.jobs.wait()).await.unwrap();
}

async fn a_token_is_redeemed_once_and_ends_every_session(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let (login, refresh) = given::login(ports, user.id).await;
    let (reset, others) = (given_token(ports, &user).await, given_token(ports, &other).await);
    assert_eq!(ports.resets.find(reset.hash, after(1)).await.unwrap(), Some(user.clone()));

    let changed = ports.resets.redeem(redemption(reset.hash)).await.unwrap().unwrap();
    let expected =
        User { updated_at: after(1), version: user.version + 1, token_epoch: user.token_epoch + 1, ..user.clone() };
    assert_eq!(changed, expected);
    assert_eq!(ports.users.find(user.id).await.unwrap(), Some(changed));
    assert_eq!(password_of(ports, &user).await, Some(PasswordHash::new("another".to_owned())));
    let [entry] = blocklist(ports).await.try_into().unwrap();
    assert_eq!(entry, Revocation::of_user(user.id, user.token_epoch + 1, after(1)));
    let exchanged = ports.sessions.exchange(exchange(login.session.id, &refresh)).await.unwrap();
    assert_eq!(exchanged, Exchanged::Refused);

    assert!(!is_good(ports, reset.hash).await);
    assert!(is_good(ports, others.hash).await);
    assert_eq!(ports.users.find(other.id).await.unwrap(), Some(other));
}

async fn a_token_can_set_a_first_password(ports: &Ports) {
    let new = fasttrack_domain::user::NewUser { password_hash: None, ..crate::builders::new_user() };
    let user = ports.users.create(new).await.unwrap();
    let reset = given_token(ports, &user).await;
    assert!(ports.resets.redeem(redemption(reset.hash)).await.unwrap().is_some());
    assert!(password_of(ports, &user).await.is_some());
}

async fn one_of_simultaneous_redemptions_succeeds(ports: &Ports) {
    let user = given::user(ports).await;
    let reset = given_token(ports, &user).await;
    let done = simultaneously(20, |i| {
        let password = PasswordHash::new(format!("hash-{i}"));
        let (resets, redemption) = (ports.resets.clone(), Redemption { password, ..redemption(reset.hash) });
        async move { resets.redeem(redemption.clone()).await.unwrap().map(|_| redemption.password) }
    })
    .await;
    let [winner] = done.into_iter().flatten().collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(password_of(ports, &user).await, Some(winner));
    let now = ports.users.find(user.id).await.unwrap().unwrap();
    assert_eq!((now.version, now.token_epoch), (user.version + 1, user.token_epoch + 1));
}

async fn an_unknown_token_is_refused(ports: &Ports) {
    let user = given::user(ports).await;
    let reset = given_token(ports, &user).await;
    let mut digest = *reset.hash.as_bytes();
    digest[31] ^= 1;
    assert!(!is_good(ports, SecretHash::new(digest)).await);
    assert!(is_good(ports, reset.hash).await);
}

/// It is refused from the moment at which it expires.
async fn an_expired_token_is_refused(ports: &Ports) {
    let user = given::user(ports).await;
    let reset = given_token(ports, &user).await;
    let almost = reset.expires_at() - TimeDelta::microseconds(1);
    assert_eq!(reset.expires_at(), after(30));
    assert_eq!(ports.resets.find(reset.hash, reset.expires_at()).await.unwrap(), None);
    assert_eq!(ports.resets.find(reset.hash, almost).await.unwrap(), Some(user));
    let late = |at: Timestamp| ports.resets.redeem(Redemption { at, ..redemption(reset.hash) });
    assert_eq!(late(reset.expires_at()).await.unwrap(), None);
    assert!(late(almost).await.unwrap().is_some());
}

/// This includes a token that replaces one whose mail may have failed.
async fn the_next_token_replaces_the_former_one(ports: &Ports) {
    let user = given::user(ports).await;
    let mut last = given_token(ports, &user).await;
    for again in [false, true] {
        let next = NewPasswordReset { again, ..new_password_reset(&user) };
        assert!(ports.resets.create(next.clone()).await.unwrap());
        assert!(!is_good(ports, last.hash).await);
        assert!(is_good(ports, next.hash).await);
        last = next;
    }
}

/// It does not become valid again.
async fn a_token_ends_with_its_password_account_or_address(ports: &Ports) {
    let user = given::user(ports).await;
    let reset = given_token(ports, &user).await;
    let change = PasswordChange {
        user_id: user.id,
        proven_by: password_of(ports, &user).await.unwrap(),
        password: PasswordHash::new("third".to_owned()),
        kept: None,
        at: after(1),
    };
    assert!(ports.users.change_password(change).await.unwrap().is_some());
    assert!(!is_good(ports, reset.hash).await);

    let reset = given_token(ports, &user).await;
    let password = PasswordHash::new("fourth".to_owned());
    let user = ports.users.reset_password(user.id, password, after(1), None).await.unwrap().unwrap();
    assert!(!is_good(ports, reset.hash).await);

    let reset = given_token(ports, &user).await;
    let save =
        async |user: User, patch| ports.users.save(user.apply(patch, after(2)).unwrap(), None).await.unwrap().unwrap();
    let off = save(user, UserPatch { is_active: Some(false), ..UserPatch::default() }).await;
    assert!(!is_good(ports, reset.hash).await);
    let user = save(off, UserPatch { is_active: Some(true), ..UserPatch::default() }).await;
    assert!(!is_good(ports, reset.hash).await);

    let reset = given_token(ports, &user).await;
    let former = user.email.clone();
    let moved = save(user, UserPatch { email: Some(email()), ..UserPatch::default() }).await;
    assert!(!is_good(ports, reset.hash).await);
    let reset = given_token(ports, &moved).await;
    assert!(is_good(ports, reset.hash).await);
    save(moved, UserPatch { email: Some(former), ..UserPatch::default() }).await;
    assert!(!is_good(ports, reset.hash).await);
}

async fn unknown_and_inactive_users_get_no_token(ports: &Ports) {
    let user = given::user(ports).await;
    let off = user.apply(UserPatch { is_active: Some(false), ..UserPatch::default() }, after(1)).unwrap();
    let off = ports.users.save(off, None).await.unwrap().unwrap();
    let nobody = User { id: UserId::new(i64::MAX), ..user };
    for user in [off, nobody] {
        let reset = new_password_reset(&user);
        assert!(!ports.resets.create(reset.clone()).await.unwrap());
        assert!(!is_good(ports, reset.hash).await);
    }
}

/// The last token stays valid. A token whose mail may have failed can be replaced.
async fn tokens_of_a_user_are_limited_until_the_last_expires(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let mut last = given_token(ports, &user).await;
    for _ in 1..MAX_RESETS {
        last = NewPasswordReset { created_at: after(20), ..new_password_reset(&user) };
        assert!(ports.resets.create(last.clone()).await.unwrap());
    }
    let more = |minutes, again| NewPasswordReset { created_at: after(minutes), again, ..new_password_reset(&user) };
    assert!(!ports.resets.create(more(49, false)).await.unwrap());
    assert!(is_good(ports, last.hash).await);
    given_token(ports, &other).await;
    for minutes in [21, 22] {
        assert!(ports.resets.create(more(minutes, true)).await.unwrap());
    }
    assert!(!ports.resets.create(more(51, false)).await.unwrap());
    for _ in 0..MAX_RESETS {
        assert!(ports.resets.create(more(52, false)).await.unwrap());
    }
    assert!(!ports.resets.create(more(52, false)).await.unwrap());
}

async fn expired_tokens_are_deleted(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let reset = given_token(ports, &user).await;
    let later = NewPasswordReset { created_at: after(1), ..new_password_reset(&other) };
    assert!(ports.resets.create(later.clone()).await.unwrap());
    assert_eq!(ports.resets.delete_expired(after(29), 100).await.unwrap(), 0);
    assert_eq!(ports.resets.delete_expired(reset.expires_at(), 100).await.unwrap(), 1);
    assert!(!is_good(ports, reset.hash).await);
    assert!(is_good(ports, later.hash).await);
}
