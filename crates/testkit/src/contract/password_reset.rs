//! Password resets: what is asked for, mailed and used.

use super::simultaneously;
use crate::{
    Ports,
    builders::{MOMENT, after, email, exchange, new_password_reset},
};
use chrono::TimeDelta;
use fasttrack_domain::{
    Timestamp,
    email::Email,
    id::UserId,
    job::{Job, JobPayload, WorkerId},
    password::{PasswordChange, PasswordHash},
    password_reset::{MAX_RESETS, NewPasswordReset, Redemption},
    ports::job::{Failure, Places},
    session::Exchanged,
    ticket::SecretHash,
    token::Revocation,
    user::{User, UserPatch},
};

fn worker() -> WorkerId {
    WorkerId::new("worker".to_owned())
}

/// Every address to which a mail is to be sent at `now`; the jobs are leased for ten minutes.
async fn lease(ports: &Ports, now: i64) -> Vec<(Job, Email)> {
    let jobs = ports.jobs.lease(worker(), after(now), after(now + 10), Places::any(100)).await.unwrap();
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

/// To the worker at the latest; one of another address is another.
pub async fn of_requests_for_an_address_one_waits_at_a_time(ports: &Ports) {
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

/// Behind the other: who got that mail may ask again before the worker has said that it is sent.
pub async fn a_request_while_a_mail_is_sent_is_done_afterwards(ports: &Ports) {
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

/// Which is what the other asked for.
pub async fn a_mail_that_failed_is_tried_again_for_all_who_asked(ports: &Ports) {
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

/// However close they are.
pub async fn of_simultaneous_requests_one_waits(ports: &Ports) {
    let address = email();
    simultaneously(20, |_| {
        let (resets, address) = (ports.resets.clone(), address.clone());
        async move { resets.request(address, MOMENT).await.unwrap() }
    })
    .await;
    lease_one(ports, 1).await;
}

/// Nor is it in the way when it is tried again.
pub async fn a_request_that_was_given_up_is_in_nobodys_way(ports: &Ports) {
    let address = email();
    ports.resets.request(address.clone(), MOMENT).await.unwrap();
    let (job, _) = lease_one(ports, 1).await;
    let failure = Failure { error: "no".to_owned(), at: after(1), retry_at: None };
    assert!(ports.jobs.fail(job.id, worker(), failure).await.unwrap());
    ports.resets.request(address.clone(), after(2)).await.unwrap();
    assert_eq!(ports.jobs.retry_all(after(2)).await.unwrap(), 1);
    assert_eq!(lease(ports, 3).await.len(), 2);
}

/// Whoever waits for a job.
pub async fn whoever_waits_is_told_of_a_request(ports: &Ports) {
    ports.resets.request(email(), MOMENT).await.unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(10), ports.jobs.wait()).await.unwrap();
}

/// And not a second time. Another password, another epoch, and no session.
pub async fn a_token_is_redeemed_once_and_ends_everything(ports: &Ports) {
    let (user, other) = (ports.given_user().await, ports.given_user().await);
    let (login, refresh) = ports.given_login(user.id).await;
    let (reset, others) = (given_token(ports, &user).await, given_token(ports, &other).await);
    assert_eq!(ports.resets.find(reset.hash, after(1)).await.unwrap(), Some(user.clone()));

    let changed = ports.resets.redeem(redemption(reset.hash)).await.unwrap().unwrap();
    let expected =
        User { updated_at: after(1), version: user.version + 1, token_epoch: user.token_epoch + 1, ..user.clone() };
    assert_eq!(changed, expected);
    assert_eq!(ports.users.find(user.id).await.unwrap(), Some(changed));
    assert_eq!(password_of(ports, &user).await, Some(PasswordHash::new("another".to_owned())));
    let [entry] = ports.blocklist().await.try_into().unwrap();
    assert_eq!(entry, Revocation::of_user(user.id, user.token_epoch + 1, after(1)));
    let exchanged = ports.sessions.exchange(exchange(login.session.id, &refresh)).await.unwrap();
    assert_eq!(exchanged, Exchanged::Refused);

    assert!(!is_good(ports, reset.hash).await);
    assert!(is_good(ports, others.hash).await);
    assert_eq!(ports.users.find(other.id).await.unwrap(), Some(other));
}

/// An account that had no password has one then.
pub async fn a_token_gives_a_first_password_too(ports: &Ports) {
    let new = fasttrack_domain::user::NewUser { password_hash: None, ..crate::builders::new_user() };
    let user = ports.users.create(new).await.unwrap();
    let reset = given_token(ports, &user).await;
    assert!(ports.resets.redeem(redemption(reset.hash)).await.unwrap().is_some());
    assert!(password_of(ports, &user).await.is_some());
}

/// The others change nothing.
pub async fn of_simultaneous_redemptions_of_a_token_one_is_done(ports: &Ports) {
    let user = ports.given_user().await;
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

/// However alike it looks.
pub async fn a_token_that_was_never_sent_is_worth_nothing(ports: &Ports) {
    let user = ports.given_user().await;
    let reset = given_token(ports, &user).await;
    let mut digest = *reset.hash.as_bytes();
    digest[31] ^= 1;
    assert!(!is_good(ports, SecretHash::new(digest)).await);
    assert!(is_good(ports, reset.hash).await);
}

/// From that very moment on.
pub async fn an_expired_token_is_worth_nothing(ports: &Ports) {
    let user = ports.given_user().await;
    let reset = given_token(ports, &user).await;
    let almost = reset.expires_at() - TimeDelta::microseconds(1);
    assert_eq!(reset.expires_at(), after(30));
    assert_eq!(ports.resets.find(reset.hash, reset.expires_at()).await.unwrap(), None);
    assert_eq!(ports.resets.find(reset.hash, almost).await.unwrap(), Some(user));
    let late = |at: Timestamp| ports.resets.redeem(Redemption { at, ..redemption(reset.hash) });
    assert_eq!(late(reset.expires_at()).await.unwrap(), None);
    assert!(late(almost).await.unwrap().is_some());
}

/// Also with one that takes its place because it may not have been sent.
pub async fn a_token_dies_with_the_next_one(ports: &Ports) {
    let user = ports.given_user().await;
    let mut last = given_token(ports, &user).await;
    for again in [false, true] {
        let next = NewPasswordReset { again, ..new_password_reset(&user) };
        assert!(ports.resets.create(next.clone()).await.unwrap());
        assert!(!is_good(ports, last.hash).await);
        assert!(is_good(ports, next.hash).await);
        last = next;
    }
}

/// Nor does it come back: with the password, whoever sets it, with the account, or with the address.
pub async fn a_token_dies_with_what_it_was_meant_for(ports: &Ports) {
    let user = ports.given_user().await;
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

/// `Ok(false)`.
pub async fn nobody_and_the_deactivated_get_no_token(ports: &Ports) {
    let user = ports.given_user().await;
    let off = user.apply(UserPatch { is_active: Some(false), ..UserPatch::default() }, after(1)).unwrap();
    let off = ports.users.save(off, None).await.unwrap().unwrap();
    let nobody = User { id: UserId::new(i64::MAX), ..user };
    for user in [off, nobody] {
        let reset = new_password_reset(&user);
        assert!(!ports.resets.create(reset.clone()).await.unwrap());
        assert!(!is_good(ports, reset.hash).await);
    }
}

/// The last stays good, and another may take its place if it may not have been sent. Then they count anew.
pub async fn a_user_gets_only_so_many_tokens_before_the_last_has_expired(ports: &Ports) {
    let (user, other) = (ports.given_user().await, ports.given_user().await);
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

/// And no others.
pub async fn expired_tokens_are_forgotten(ports: &Ports) {
    let (user, other) = (ports.given_user().await, ports.given_user().await);
    let reset = given_token(ports, &user).await;
    let later = NewPasswordReset { created_at: after(1), ..new_password_reset(&other) };
    assert!(ports.resets.create(later.clone()).await.unwrap());
    assert_eq!(ports.resets.delete_expired(after(29), 100).await.unwrap(), 0);
    assert_eq!(ports.resets.delete_expired(reset.expires_at(), 100).await.unwrap(), 1);
    assert!(!is_good(ports, reset.hash).await);
    assert!(is_good(ports, later.hash).await);
}
