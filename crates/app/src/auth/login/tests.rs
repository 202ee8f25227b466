use super::*;
use crate::AccountPolicy;
use crate::fixtures::{
    ACCESS_LIFETIME, ADMIN, OWNER, audit_log, email, issuer, login, next_refresh, now, origin, pair, run, user,
};
use fasttrack_domain::{
    id::SessionId,
    ports::{
        audit::MockAuditLog,
        email_verification::MockEmailVerificationRepository,
        password::{HasherError, MockPasswordHasher},
        revocation::MockBlocklist,
        session::MockSessionRepository,
        user::MockUserRepository,
    },
    revocation::Revocation,
    session::Opened,
    user::{Credentials, User},
};
use std::sync::{Arc, Mutex};

fn hash() -> PasswordHash {
    PasswordHash::new("hash".to_owned())
}

/// Finds `user` by its address, any number of times.
fn users(user: Option<User>, password_hash: Option<PasswordHash>) -> MockUserRepository {
    let mut users = MockUserRepository::new();
    users
        .expect_find_credentials()
        .withf(|asked| *asked == email())
        .returning(move |_| Ok(user.clone().map(|user| Credentials { user, password_hash: password_hash.clone() })));
    users
}

/// Expects one call for each of these answers, in their order.
fn hasher(expected: Option<&PasswordHash>, answers: &[bool]) -> MockPasswordHasher {
    let mut hasher = MockPasswordHasher::new();
    for &answer in answers {
        let expected = expected.cloned();
        hasher
            .expect_verify()
            .times(1)
            .withf(move |attempt, hash| attempt.expose() == "sesame" && *hash == expected)
            .return_once(move |_, _| Ok(answer));
    }
    hasher
}

/// As [`hasher`], and a hash that matches needs no renewal.
fn hasher_of_new(expected: Option<&PasswordHash>, answers: &[bool]) -> MockPasswordHasher {
    let mut hasher = hasher(expected, answers);
    hasher.expect_renew().returning(|_, _| Ok(None));
    hasher
}

fn log_in(
    address: Option<Email>,
    users: MockUserRepository,
    hasher: MockPasswordHasher,
    sessions: MockSessionRepository,
) -> Result<TokenPair, Error> {
    log_in_blocking(address, users, hasher, sessions, MockBlocklist::new())
}

fn log_in_blocking(
    address: Option<Email>,
    users: MockUserRepository,
    hasher: MockPasswordHasher,
    sessions: MockSessionRepository,
    blocklist: MockBlocklist,
) -> Result<TokenPair, Error> {
    let (users, sessions, hasher) = (Arc::new(users), Arc::new(sessions), Arc::new(hasher));
    let (audit, issuer, blocklist) = (audit_log(), issuer(), Arc::new(blocklist));
    let login = Auth { audit, users, sessions, hasher, issuer, blocklist, ..Auth::mocked() };
    let password = PasswordAttempt::new("sesame".to_owned());
    run(login.login(Login { email: address, password, client: Client::default(), origin: origin() }))
}

fn log_in_under(
    policy: AccountPolicy,
    address: Option<Email>,
    users: MockUserRepository,
    hasher: MockPasswordHasher,
    sessions: MockSessionRepository,
    verifications: MockEmailVerificationRepository,
) -> Result<TokenPair, Error> {
    let (users, sessions, verifications) = (Arc::new(users), Arc::new(sessions), Arc::new(verifications));
    let (hasher, audit, issuer) = (Arc::new(hasher), audit_log(), issuer());
    let login = Auth { audit, users, sessions, verifications, hasher, issuer, policy, ..Auth::mocked() };
    let password = PasswordAttempt::new("sesame".to_owned());
    run(login.login(Login { email: address, password, client: Client::default(), origin: origin() }))
}

#[test]
fn any_wrong_credential_costs_one_verification() {
    let inactive = User { is_active: false, ..user(OWNER) };
    for (case, address, found, stored) in [
        ("no address", None, None, None),
        ("unknown address", Some(email()), None, None),
        ("wrong password", Some(email()), Some(user(OWNER)), Some(hash())),
        ("account without password", Some(email()), Some(user(OWNER)), None),
        ("wrong password of a deactivated account", Some(email()), Some(inactive), Some(hash())),
    ] {
        let result = log_in(
            address,
            users(found, stored.clone()),
            hasher(stored.as_ref(), &[false]),
            MockSessionRepository::new(),
        );
        assert!(matches!(result, Err(Error::InvalidCredentials)), "{case}: {result:?}");
    }
}

#[test]
fn a_hasher_that_says_yes_to_nobody_lets_nobody_in() {
    let result = log_in(Some(email()), users(None, None), hasher(None, &[true]), MockSessionRepository::new());
    assert!(matches!(result, Err(Error::InvalidCredentials)));
}

#[test]
fn the_right_password_of_a_deactivated_account_says_so() {
    let inactive = User { is_active: false, ..user(OWNER) };
    let users = users(Some(inactive), Some(hash()));
    let result = log_in(Some(email()), users, hasher(Some(&hash()), &[true]), MockSessionRepository::new());
    assert!(matches!(result, Err(Error::AccountDisabled)));
}

const PROVEN_ONLY: AccountPolicy =
    AccountPolicy { require_verified_email: true, external_users_may_set_password: false };

#[test]
fn unproven_address_gets_the_mail_again_instead_of_a_session() {
    let unproven = User { email_verified: false, ..user(OWNER) };
    let mut verifications = MockEmailVerificationRepository::new();
    verifications.expect_request().times(1).withf(|id, at| *id == OWNER.id && *at == now()).return_once(|_, _| Ok(()));
    let users = users(Some(unproven), Some(hash()));
    let hasher = hasher(Some(&hash()), &[true]);
    let sessions = MockSessionRepository::new();
    let result = log_in_under(PROVEN_ONLY, Some(email()), users, hasher, sessions, verifications);
    assert!(matches!(result, Err(Error::EmailUnverified)));
}

#[test]
fn address_has_to_be_proven_only_where_the_policy_says_so() {
    for (policy, email_verified) in [(PROVEN_ONLY, true), (AccountPolicy::default(), false)] {
        let users = users(Some(User { email_verified, ..user(OWNER) }), Some(hash()));
        let mut sessions = MockSessionRepository::new();
        let opened = Opened { login: login(user(OWNER)), revocations: Vec::new() };
        sessions.expect_open().times(1).return_once(|_| Ok(Some(opened)));
        let hasher = hasher_of_new(Some(&hash()), &[true]);
        let verifications = MockEmailVerificationRepository::new();
        let result = log_in_under(policy, Some(email()), users, hasher, sessions, verifications);
        assert_eq!(result.unwrap(), pair("1 user 8 5", "next"));
    }
}

#[test]
fn unproven_address_needs_the_right_password_too() {
    let unproven = User { email_verified: false, ..user(OWNER) };
    let users = users(Some(unproven), Some(hash()));
    let (hasher, sessions) = (hasher(Some(&hash()), &[false]), MockSessionRepository::new());
    let verifications = MockEmailVerificationRepository::new();
    let result = log_in_under(PROVEN_ONLY, Some(email()), users, hasher, sessions, verifications);
    assert!(matches!(result, Err(Error::InvalidCredentials)));
}

#[test]
fn external_account_has_no_password_unless_allowed() {
    let external = User { is_external: true, ..user(OWNER) };
    let users = users(Some(external), Some(hash()));
    let result = log_in(Some(email()), users, hasher(None, &[false]), MockSessionRepository::new());
    assert!(matches!(result, Err(Error::InvalidCredentials)));
}

#[test]
fn an_account_that_is_deactivated_meanwhile_gets_no_session() {
    let mut sessions = MockSessionRepository::new();
    sessions.expect_open().times(1).return_once(|_| Ok(None));
    let mut users = MockUserRepository::new();
    for is_active in [true, false] {
        let found = Credentials { user: User { is_active, ..user(OWNER) }, password_hash: Some(hash()) };
        users.expect_find_credentials().times(1).return_once(|_| Ok(Some(found)));
    }
    let result = log_in(Some(email()), users, hasher_of_new(Some(&hash()), &[true, true]), sessions);
    assert!(matches!(result, Err(Error::AccountDisabled)));
}

#[test]
fn the_tokens_say_what_was_true_when_the_session_began() {
    let mut sessions = MockSessionRepository::new();
    sessions
        .expect_open()
        .times(1)
        .withf(|new| {
            new.user_id == OWNER.id
                && new.proven_by == Some(hash())
                && new.refresh == next_refresh()
                && new.created_at == now()
        })
        .return_once(|_| {
            let login = login(User { role: ADMIN.role, ..user(OWNER) });
            Ok(Some(Opened { login, revocations: Vec::new() }))
        });
    let users = users(Some(user(OWNER)), Some(hash()));
    let tokens = log_in(Some(email()), users, hasher_of_new(Some(&hash()), &[true]), sessions).unwrap();
    assert_eq!(tokens, pair("1 admin 8 5", "next"));
}

#[test]
fn who_is_overtaken_by_a_new_password_is_asked_for_it() {
    let mut sessions = MockSessionRepository::new();
    sessions.expect_open().times(1).return_once(|_| Ok(None));
    let users = users(Some(user(OWNER)), Some(hash()));
    let result = log_in(Some(email()), users, hasher_of_new(Some(&hash()), &[true, false]), sessions);
    assert!(matches!(result, Err(Error::InvalidCredentials)));
}

#[test]
fn a_successful_login_renews_an_old_hash() {
    for (renewed, kept) in [
        (Ok(Some(PasswordHash::new("new".to_owned()))), Some(PasswordHash::new("new".to_owned()))),
        (Ok(None), None),
        (Err(HasherError::Overloaded { retry_after: ACCESS_LIFETIME }), None),
    ] {
        let mut hasher = hasher(Some(&hash()), &[true]);
        hasher
            .expect_renew()
            .times(1)
            .withf(|attempt, old| attempt.expose() == "sesame" && *old == hash())
            .return_once(|_, _| renewed);
        let mut sessions = MockSessionRepository::new();
        sessions
            .expect_open()
            .times(1)
            .withf(move |new| new.renewed == kept && new.proven_by == Some(hash()))
            .return_once(|_| Ok(Some(Opened { login: login(user(OWNER)), revocations: Vec::new() })));
        log_in(Some(email()), users(Some(user(OWNER)), Some(hash())), hasher, sessions).unwrap();
    }
}

#[test]
fn a_session_that_ends_for_the_new_one_is_blocked() {
    let revocation = Revocation::of_session(SessionId::new(3), now());
    let opened = Opened { login: login(user(OWNER)), revocations: vec![revocation.clone()] };
    let (mut sessions, mut blocklist) = (MockSessionRepository::new(), MockBlocklist::new());
    sessions.expect_open().times(1).return_once(|_| Ok(Some(opened)));
    blocklist.expect_block().times(1).withf(move |given| *given == revocation).return_const(());
    let users = users(Some(user(OWNER)), Some(hash()));
    let hasher = hasher_of_new(Some(&hash()), &[true]);
    assert!(log_in_blocking(Some(email()), users, hasher, sessions, blocklist).is_ok());
}

/// Returns the audit entry of a login with this answer of the hasher.
fn noted(found: Option<User>, proven: bool) -> AuditEntry {
    let entries = Arc::new(Mutex::new(Vec::new()));
    let mut audit = MockAuditLog::new();
    let sink = Arc::clone(&entries);
    audit.expect_record().times(1).returning(move |entry| sink.lock().unwrap().push(entry));
    let mut sessions = MockSessionRepository::new();
    sessions.expect_open().returning(|_| Ok(Some(Opened { login: login(user(OWNER)), revocations: Vec::new() })));
    let stored = found.is_some().then(hash);
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_verify().returning(move |_, _| Ok(proven));
    hasher.expect_renew().returning(|_, _| Ok(None));
    let (users, sessions, hasher) = (Arc::new(users(found, stored)), Arc::new(sessions), Arc::new(hasher));
    let login = Auth { audit: Arc::new(audit), users, sessions, hasher, issuer: issuer(), ..Auth::mocked() };
    let password = PasswordAttempt::new("sesame".to_owned());
    let command = Login { email: Some(email()), password, client: Client::default(), origin: origin() };
    drop(run(login.login(command)));
    entries.lock().unwrap().pop().unwrap()
}

#[test]
fn the_audit_is_told_of_each_login_and_whose_account_it_was_for() {
    let line = |actor, action| AuditEntry::new(now(), actor, action, origin());
    let about = AuditObject::User(OWNER.id);
    let inactive = User { is_active: false, ..user(OWNER) };
    assert_eq!(noted(Some(user(OWNER)), true), line(Some(OWNER.id), AuditAction::Login).with_object(about));
    assert_eq!(noted(Some(user(OWNER)), false), line(None, AuditAction::LoginFailed).with_object(about));
    assert_eq!(noted(Some(inactive), true), line(None, AuditAction::LoginFailed).with_object(about));
    assert_eq!(noted(None, false), line(None, AuditAction::LoginFailed));
}
