//! Mails with a token: password resets and verifications.

use super::*;
use fasttrack_domain::{
    ticket::{DrawnSecret, SecretHash},
    token::SecretToken,
    user::Credentials,
};

const HASH: SecretHash = SecretHash::new([7; 32]);

/// Performs the job's `attempt` for [`email`]. `found` is its account, and `kept` whether the token is stored; `None`
/// if none is drawn.
fn reset(attempt: u32, found: Option<User>, kept: Option<bool>, mailer: MockMailer) -> Result<Performed, Failed> {
    let mut prepared = Prepared { mailer, ..Prepared::new() };
    let found = found.map(|user| Credentials { user, password_hash: None });
    prepared.users.expect_find_credentials().times(1).withf(|asked| *asked == email()).return_once(|_| Ok(found));
    if let Some(kept) = kept {
        let secret = SecretToken::new("s3cret".to_owned());
        prepared.secrets.expect_draw().times(1).return_once(|| DrawnSecret { secret, hash: HASH });
        let expected = NewPasswordReset {
            user_id: ASSIGNEE.id,
            email: email(),
            hash: HASH,
            again: attempt > 1,
            created_at: now(),
        };
        prepared.resets.expect_create().times(1).withf(move |given| *given == expected).return_once(move |_| Ok(kept));
    }
    prepared.perform(JobPayload::PasswordResetMail { email: email() }, attempt)
}

#[test]
fn each_reset_attempt_sends_a_new_token() {
    for attempt in [1, 2] {
        let mut mailer = MockMailer::new();
        mailer
            .expect_send()
            .times(1)
            .withf(move |mail| {
                let Message::PasswordReset { token, page: Some(page) } = &mail.message else { return false };
                let link = page.link(token);
                mail.id == "nonce-1000000000" && mail.to == email() && link == "https://app.example.org/s3cret"
            })
            .return_once(|_| Ok(()));
        reset(attempt, Some(user(ASSIGNEE)), Some(true), mailer).unwrap();
    }
}

#[test]
fn reset_mail_is_skipped_for_unknown_or_limited_address() {
    let inactive = User { is_active: false, ..user(ASSIGNEE) };
    let unreachable = User { email: Email::placeholder("x"), ..user(ASSIGNEE) };
    let external = User { is_external: true, ..user(ASSIGNEE) };
    for found in [None, Some(inactive), Some(unreachable), Some(external)] {
        reset(1, found, None, MockMailer::new()).unwrap();
    }
    reset(1, Some(user(ASSIGNEE)), Some(false), MockMailer::new()).unwrap();
}

/// Performs the job's `attempt` for `found`. `kept` is the token's address, and whether it is stored; `None` if none is
/// drawn.
fn verify(attempt: u32, found: User, kept: Option<(Email, bool)>, mailer: MockMailer) -> Result<Performed, Failed> {
    let mut prepared = Prepared { mailer, ..Prepared::new() }.finding(Some(found));
    if let Some((to, kept)) = kept {
        let secret = SecretToken::new("s3cret".to_owned());
        prepared.secrets.expect_draw().times(1).return_once(|| DrawnSecret { secret, hash: HASH });
        let again = attempt > 1;
        let expected = NewEmailVerification { user_id: ASSIGNEE.id, email: to, hash: HASH, again, created_at: now() };
        prepared
            .verifications
            .expect_create()
            .times(1)
            .withf(move |given| *given == expected)
            .return_once(move |_| Ok(kept));
    }
    prepared.perform(JobPayload::VerificationMail { user_id: ASSIGNEE.id }, attempt)
}

#[test]
fn verification_mail_goes_to_the_address_to_be_proven() {
    let next = Email::parse("next@example.org").unwrap();
    let unproven = User { email_verified: false, ..user(ASSIGNEE) };
    let pending = User { pending_email: Some(next.clone()), ..user(ASSIGNEE) };
    for (attempt, found, to) in [(1, unproven, email()), (2, pending, next)] {
        let mut mailer = MockMailer::new();
        let expected = to.clone();
        mailer
            .expect_send()
            .times(1)
            .withf(move |mail| {
                let Message::EmailVerification { token, page: Some(page) } = &mail.message else { return false };
                let link = page.link(token);
                mail.id == "nonce-1000000000" && mail.to == expected && link == "https://app.example.org/verify/s3cret"
            })
            .return_once(|_| Ok(()));
        verify(attempt, found, Some((to, true)), mailer).unwrap();
    }
}

#[test]
fn who_has_nothing_to_prove_or_too_many_mails_gets_none() {
    let unproven = User { email_verified: false, ..user(ASSIGNEE) };
    let inactive = User { is_active: false, ..unproven.clone() };
    for found in [user(ASSIGNEE), inactive] {
        verify(1, found, None, MockMailer::new()).unwrap();
    }
    verify(1, unproven, Some((email(), false)), MockMailer::new()).unwrap();
}

#[test]
fn a_reset_mail_that_could_not_be_sent_is_tried_again() {
    let mut mailer = MockMailer::new();
    mailer.expect_send().times(1).return_once(|_| Err(MailError::Temporary("busy".into())));
    let busy = reset(1, Some(user(ASSIGNEE)), Some(true), mailer);
    assert!(matches!(busy, Err(Failed::Temporary(_))), "{busy:?}");
}
