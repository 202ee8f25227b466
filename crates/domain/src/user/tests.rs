use super::*;
use crate::audit::AuditValue;
use chrono::DateTime;

fn ann() -> User {
    User {
        id: UserId::new(1),
        email: Email::parse("ann@example.org").unwrap(),
        email_verified: true,
        pending_email: None,
        display_name: DisplayName::cut("Ann").unwrap(),
        role: Role::Admin,
        is_active: true,
        is_external: false,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
        version: 3,
        token_epoch: 5,
        key: InstanceKey::new([7; 16]),
    }
}

#[test]
fn a_patch_that_changes_nothing_is_no_change() {
    let patch = UserPatch { role: Some(Role::Admin), ..UserPatch::default() };
    assert_eq!(ann().apply(patch, DateTime::UNIX_EPOCH), None);
}

#[test]
fn a_new_role_ends_access_tokens_and_keeps_sessions() {
    let patch = UserPatch { role: Some(Role::User), ..UserPatch::default() };
    let change = ann().apply(patch, DateTime::UNIX_EPOCH).unwrap();
    assert!(change.revoked_by.is_some() && !change.ends_sessions() && change.loses_an_admin);
    assert_eq!((change.based_on, change.user.version, change.user.token_epoch), (3, 4, 6));
}

#[test]
fn deactivation_ends_both_and_reactivation_neither() {
    let off = ann().apply(UserPatch { is_active: Some(false), ..UserPatch::default() }, DateTime::UNIX_EPOCH).unwrap();
    assert!(off.revoked_by.is_some() && off.ends_sessions() && off.loses_an_admin);
    let on = off.user.apply(UserPatch { is_active: Some(true), ..UserPatch::default() }, DateTime::UNIX_EPOCH).unwrap();
    assert!(on.revoked_by.is_none() && !on.ends_sessions() && !on.loses_an_admin);
}

fn bob() -> Email {
    Email::parse("bob@example.org").unwrap()
}

fn moved(user: &User, to: &Email, keeps_proven_email: bool) -> Option<UserChange> {
    let patch = UserPatch { email: Some(to.clone()), keeps_proven_email, ..UserPatch::default() };
    user.apply(patch, DateTime::UNIX_EPOCH)
}

fn payloads(change: &UserChange) -> Vec<JobPayload> {
    change.jobs.iter().map(|job| job.payload.clone()).collect()
}

fn notice(notice: Notice) -> JobPayload {
    JobPayload::SecurityNoticeMail { user_id: ann().id, email: ann().email, notice }
}

const VERIFICATION: JobPayload = JobPayload::VerificationMail { user_id: UserId::new(1) };

#[test]
fn new_address_is_unproven_and_the_old_one_notified() {
    for proven in [true, false] {
        let user = User { email_verified: proven, ..ann() };
        let change = moved(&user, &bob(), false).unwrap();
        assert_eq!((&change.user.email, change.user.email_verified), (&bob(), false));
        assert_eq!(payloads(&change), [notice(Notice::EmailChanged), VERIFICATION]);
        assert!(change.changes_address && !change.ends_sessions());
    }
    let nowhere = User { email: Email::placeholder("x"), ..ann() };
    assert_eq!(payloads(&moved(&nowhere, &bob(), false).unwrap()), [VERIFICATION]);
}

#[test]
fn proven_address_stays_until_the_next_is_proven() {
    let change = moved(&ann(), &bob(), true).unwrap();
    let expected = User { pending_email: Some(bob()), version: 4, ..ann() };
    assert_eq!(change.user, expected);
    assert_eq!(payloads(&change), [notice(Notice::EmailChangeRequested), VERIFICATION]);
    assert_eq!(change.user.unproven_email(), Some(&bob()));
    assert_eq!(moved(&change.user, &bob(), true), None);

    let back = moved(&change.user, &ann().email, true).unwrap();
    assert_eq!((back.user.pending_email, back.user.email_verified), (None, true));
    assert!(back.changes_address && back.jobs.is_empty());

    let unproven = User { email_verified: false, ..ann() };
    let change = moved(&unproven, &bob(), true).unwrap();
    assert_eq!((change.user.email, change.user.pending_email), (bob(), None));
}

#[test]
fn only_unproven_addresses_have_to_be_proven() {
    assert_eq!(ann().unproven_email(), None);
    assert_eq!(User { email_verified: false, ..ann() }.unproven_email(), Some(&ann().email));
    let nowhere = User { email: Email::placeholder("x"), email_verified: false, ..ann() };
    assert_eq!(nowhere.unproven_email(), None);
}

#[test]
fn external_account_has_a_password_only_if_allowed() {
    for (is_external, allowed, usable) in
        [(false, false, true), (false, true, true), (true, false, false), (true, true, true)]
    {
        let user = User { is_external, ..ann() };
        let found = Credentials { user, password_hash: Some(PasswordHash::new("hash".to_owned())) };
        assert_eq!(found.usable_password(allowed).is_some(), usable, "{is_external} {allowed}");
    }
}

#[test]
fn a_new_name_ends_nothing() {
    let patch = UserPatch { display_name: DisplayName::cut("Anna"), ..UserPatch::default() };
    let change = ann().apply(patch, DateTime::UNIX_EPOCH).unwrap();
    assert!(change.revoked_by.is_none() && !change.ends_sessions() && !change.loses_an_admin);
}

#[test]
fn new_account_has_to_prove_its_address() {
    let jobs = |email: Email, email_verified| {
        let new = NewUser {
            email,
            email_verified,
            display_name: ann().display_name,
            role: Role::User,
            password_hash: None,
            is_external: false,
            created_at: DateTime::UNIX_EPOCH,
            audit: None,
        };
        new.jobs(ann().id).into_iter().map(|job| job.payload).collect::<Vec<_>>()
    };
    assert_eq!(jobs(bob(), false), [VERIFICATION]);
    assert_eq!(jobs(bob(), true), []);
    assert_eq!(
        [false, true].map(|verified| jobs(Email::placeholder("x"), verified)),
        [Vec::<JobPayload>::new(), Vec::new()]
    );
}

#[test]
fn audit_has_each_field_that_changed() {
    let after = User {
        email: bob(),
        display_name: DisplayName::cut("Bob").unwrap(),
        role: Role::User,
        is_active: false,
        ..ann()
    };
    let text = |text: &str| AuditValue::from(text);
    let expected = [
        ("email", text("ann@example.org"), text("bob@example.org")),
        ("display_name", text("Ann"), text("Bob")),
        ("role", text("admin"), text("user")),
        ("is_active", AuditValue::Bool(true), AuditValue::Bool(false)),
    ];
    assert_eq!(AuditChanges::of_user(&ann(), &after).0, expected);
}
