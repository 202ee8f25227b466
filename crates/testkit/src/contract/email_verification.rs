//! Verification tokens: requested, mailed and used.

use super::{conflict, simultaneously};
use crate::{
    builders::{MOMENT, after, email, new_email_verification, new_user},
    given,
};
use chrono::TimeDelta;
use fasttrack_domain::{
    email::Email,
    email_verification::{MAX_REPEATED_VERIFICATIONS, MAX_VERIFICATIONS, NewEmailVerification},
    id::UserId,
    job::{JobPayload, WorkerId},
    mail::Notice,
    password::PasswordHash,
    password_reset::Redemption,
    ports::{
        constraint,
        email_verification::EmailVerificationRepository,
        job::{JobQueue, JobSlots},
        password_reset::PasswordResetRepository,
        user::UserRepository,
    },
    ticket::SecretHash,
    user::{NewUser, User, UserPatch},
};

contract! { $
    email_verification {
        users: UserRepository,
        verifications: EmailVerificationRepository,
        resets: PasswordResetRepository,
        jobs: JobQueue,
    }
    an_unverified_account_is_created_with_its_mail,
    one_verification_mail_per_user_is_queued,
    a_verification_token_verifies_the_address_once,
    one_of_simultaneous_verifications_succeeds,
    an_expired_verification_token_is_refused,
    a_verification_token_ends_with_its_address_or_account,
    only_an_unverified_address_gets_a_token,
    a_pending_address_replaces_the_old_one_once_verified,
    a_pending_address_that_was_taken_is_a_conflict,
    verification_mails_to_an_address_are_limited,
    verification_mails_of_a_user_are_limited,
}

/// An active user whose address is not verified, and whose mail is completed.
async fn given_unproven(ports: &Ports) -> User {
    let user = ports.users.create(NewUser { email_verified: false, ..new_user() }).await.unwrap();
    payloads(ports).await;
    user
}

/// Commits the change.
async fn save(ports: &Ports, user: &User, patch: UserPatch) -> User {
    ports.users.save(user.apply(patch, after(1)).unwrap(), None).await.unwrap().unwrap()
}

/// Changes the address, or makes it pending beside the former one.
async fn moved(ports: &Ports, user: &User, to: &Email, keeps_proven_email: bool) -> User {
    save(ports, user, UserPatch { email: Some(to.clone()), keeps_proven_email, ..UserPatch::default() }).await
}

async fn given_token(ports: &Ports, user: &User) -> SecretHash {
    let verification = new_email_verification(user);
    assert!(ports.verifications.create(verification.clone()).await.unwrap());
    verification.hash
}

async fn redeem(ports: &Ports, hash: SecretHash) -> Option<User> {
    ports.verifications.redeem(hash, after(2)).await.unwrap()
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

async fn an_unverified_account_is_created_with_its_mail(ports: &Ports) {
    given::user(ports).await;
    assert_eq!(payloads(ports).await, []);
    let user = ports.users.create(NewUser { email_verified: false, ..new_user() }).await.unwrap();
    assert!(!user.email_verified);
    assert_eq!(payloads(ports).await, [JobPayload::VerificationMail { user_id: user.id }]);
}

async fn one_verification_mail_per_user_is_queued(ports: &Ports) {
    let (user, other) = (given_unproven(ports).await, given_unproven(ports).await);
    simultaneously(10, |_| {
        let verifications = ports.verifications.clone();
        async move { verifications.request(user.id, MOMENT).await.unwrap() }
    })
    .await;
    ports.verifications.request(other.id, after(1)).await.unwrap();
    let expected = [user.id, other.id].map(|user_id| JobPayload::VerificationMail { user_id });
    assert_eq!(payloads(ports).await, expected);
    ports.verifications.request(other.id, after(2)).await.unwrap();
    assert_eq!(payloads(ports).await.len(), 1);
}

async fn a_verification_token_verifies_the_address_once(ports: &Ports) {
    let (user, other) = (given_unproven(ports).await, given_unproven(ports).await);
    let (token, others) = (given_token(ports, &user).await, given_token(ports, &other).await);
    let proven = redeem(ports, token).await.unwrap();
    let expected = User { email_verified: true, updated_at: after(2), version: user.version + 1, ..user.clone() };
    assert_eq!(proven, expected);
    assert_eq!(ports.users.find(user.id).await.unwrap(), Some(proven));
    assert_eq!(redeem(ports, token).await, None);
    assert_eq!(ports.users.find(other.id).await.unwrap(), Some(other));
    assert!(redeem(ports, others).await.is_some());
}

async fn one_of_simultaneous_verifications_succeeds(ports: &Ports) {
    let user = given_unproven(ports).await;
    let token = given_token(ports, &user).await;
    let done = simultaneously(20, |_| {
        let verifications = ports.verifications.clone();
        async move { verifications.redeem(token, after(2)).await.unwrap() }
    })
    .await;
    assert_eq!(done.into_iter().flatten().count(), 1);
    assert_eq!(ports.users.find(user.id).await.unwrap().unwrap().version, user.version + 1);
}

/// It is refused from the moment at which it expires, and can be deleted from then on.
async fn an_expired_verification_token_is_refused(ports: &Ports) {
    let user = given_unproven(ports).await;
    let verification = new_email_verification(&user);
    assert!(ports.verifications.create(verification.clone()).await.unwrap());
    let end = verification.expires_at();
    assert_eq!(end, MOMENT + TimeDelta::days(1));
    let almost = end - TimeDelta::microseconds(1);
    assert_eq!(ports.verifications.redeem(verification.hash, end).await.unwrap(), None);
    assert_eq!(ports.verifications.delete_expired(almost, 100).await.unwrap(), 0);
    assert!(ports.verifications.redeem(verification.hash, almost).await.unwrap().is_some());
    assert_eq!(ports.verifications.delete_expired(end, 100).await.unwrap(), 1);
}

/// The next token ends it, and so does a proof of the address by other means.
async fn a_verification_token_ends_with_its_address_or_account(ports: &Ports) {
    let user = given_unproven(ports).await;
    let first = given_token(ports, &user).await;
    let second = given_token(ports, &user).await;
    assert_eq!(redeem(ports, first).await, None);
    let former = user.email.clone();
    let user = moved(ports, &user, &email(), false).await;
    assert_eq!(redeem(ports, second).await, None);
    // Nor does it come back with the address.
    let user = moved(ports, &user, &former, false).await;
    assert_eq!(redeem(ports, second).await, None);

    let token = given_token(ports, &user).await;
    let off = save(ports, &user, UserPatch { is_active: Some(false), ..UserPatch::default() }).await;
    assert_eq!(redeem(ports, token).await, None);
    assert!(!ports.verifications.create(new_email_verification(&off)).await.unwrap());
    let user = save(ports, &off, UserPatch { is_active: Some(true), ..UserPatch::default() }).await;

    let token = given_token(ports, &user).await;
    let reset = crate::builders::new_password_reset(&user);
    assert!(ports.resets.create(reset.clone()).await.unwrap());
    let password = PasswordHash::new("another".to_owned());
    let redemption = Redemption { hash: reset.hash, password, at: after(1) };
    assert!(ports.resets.redeem(redemption).await.unwrap().unwrap().email_verified, "the reset came by mail");
    assert_eq!(redeem(ports, token).await, None);
}

async fn only_an_unverified_address_gets_a_token(ports: &Ports) {
    let (user, proven) = (given_unproven(ports).await, given::user(ports).await);
    let elsewhere = NewEmailVerification { email: email(), ..new_email_verification(&user) };
    let nobody = NewEmailVerification { user_id: UserId::new(i64::MAX), ..new_email_verification(&user) };
    for wrong in [elsewhere, nobody, new_email_verification(&proven)] {
        assert!(!ports.verifications.create(wrong.clone()).await.unwrap());
        assert_eq!(redeem(ports, wrong.hash).await, None);
    }
}

/// The old address gets a notice and belongs to the account until then.
async fn a_pending_address_replaces_the_old_one_once_verified(ports: &Ports) {
    let (user, next) = (given::user(ports).await, email());
    let pending = moved(ports, &user, &next, true).await;
    assert_eq!((&pending.email, &pending.pending_email), (&user.email, &Some(next.clone())));
    assert_eq!(ports.users.find(user.id).await.unwrap().as_ref(), Some(&pending));
    let verification = JobPayload::VerificationMail { user_id: user.id };
    let mut queued = payloads(ports).await;
    queued.sort_by_key(JobPayload::name);
    assert_eq!(queued, [notice(&user, Notice::EmailChangeRequested), verification]);
    assert_eq!(ports.users.find_credentials(&next).await.unwrap(), None);

    let token = given_token(ports, &pending).await;
    let proven = redeem(ports, token).await.unwrap();
    assert_eq!((&proven.email, proven.email_verified, &proven.pending_email), (&next, true, &None));
    assert_eq!(ports.users.find_credentials(&next).await.unwrap().map(|found| found.user), Some(proven));
    assert_eq!(ports.users.find_credentials(&user.email).await.unwrap(), None);
}

/// `Conflict` with `USER_EMAIL`. The token stays valid and works once the other account gives up the address.
async fn a_pending_address_that_was_taken_is_a_conflict(ports: &Ports) {
    let (user, next) = (given::user(ports).await, email());
    let pending = moved(ports, &user, &next, true).await;
    let token = given_token(ports, &pending).await;
    let other = ports.users.create(NewUser { email: next, ..new_user() }).await.unwrap();
    assert_eq!(conflict(ports.verifications.redeem(token, after(2)).await), constraint::USER_EMAIL);
    assert_eq!(ports.users.find(user.id).await.unwrap(), Some(pending));
    moved(ports, &other, &email(), false).await;
    assert!(redeem(ports, token).await.is_some());
}

/// The last token stays valid. A token whose mail may have failed can be replaced.
async fn verification_mails_to_an_address_are_limited(ports: &Ports) {
    let user = given_unproven(ports).await;
    let at =
        |minutes, again| NewEmailVerification { created_at: after(minutes), again, ..new_email_verification(&user) };
    let mut last = at(0, false);
    assert!(ports.verifications.create(last.clone()).await.unwrap());
    for minutes in 1..=i64::from(MAX_REPEATED_VERIFICATIONS) {
        last = at(minutes, false);
        assert!(ports.verifications.create(last.clone()).await.unwrap());
    }
    assert!(!ports.verifications.create(at(9, false)).await.unwrap());
    last = at(10, true);
    assert!(ports.verifications.create(last.clone()).await.unwrap());
    let a_day_later = NewEmailVerification { created_at: last.expires_at(), ..at(0, false) };
    let almost = NewEmailVerification { created_at: last.expires_at() - TimeDelta::microseconds(1), ..at(0, false) };
    assert!(!ports.verifications.create(almost).await.unwrap());
    assert!(ports.verifications.redeem(last.hash, after(11)).await.unwrap().is_some());
    let user = moved(ports, &ports.users.find(user.id).await.unwrap().unwrap(), &email(), false).await;
    let a_day_later = NewEmailVerification { email: user.email, ..a_day_later };
    assert!(ports.verifications.create(a_day_later).await.unwrap());
}

async fn verification_mails_of_a_user_are_limited(ports: &Ports) {
    let mut user = given_unproven(ports).await;
    for _ in 0..MAX_VERIFICATIONS {
        given_token(ports, &user).await;
        user = moved(ports, &user, &email(), false).await;
    }
    assert!(!ports.verifications.create(new_email_verification(&user)).await.unwrap());
}
