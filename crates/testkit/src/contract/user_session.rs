//! What changes of accounts do to sessions and to the blocklist.

use super::{blocklist, conflict};
use crate::{
    builders::{after, email, exchange, revocation},
    given,
};
use fasttrack_domain::{
    email::Email,
    id::UserId,
    password::PasswordHash,
    ports::{constraint, revocation::RevocationRepository, session::SessionRepository, user::UserRepository},
    revocation::{Revocation, Revoked},
    session::Exchanged,
    text::DisplayName,
    user::{Role, User, UserChange, UserPatch},
};

contract! { $
    user_session { users: UserRepository, sessions: SessionRepository, revocations: RevocationRepository }
    a_change_is_committed_with_its_revocation,
    a_change_based_on_another_version_is_not_committed,
    a_change_to_a_taken_address_commits_nothing,
    deactivation_ends_the_sessions_of_that_user_only,
    a_changed_role_keeps_sessions_and_is_in_their_next_tokens,
    a_password_reset_ends_sessions_and_older_tokens,
    resetting_an_unknown_account_blocks_nothing,
    the_last_active_admin_keeps_account_and_sessions,
}

fn change(user: &User, patch: UserPatch) -> UserChange {
    user.apply(patch, after(5)).unwrap()
}

fn renamed(user: &User, name: &str) -> UserChange {
    change(user, UserPatch { display_name: DisplayName::cut(name), ..UserPatch::default() })
}

fn with_address(user: &User, email: &Email) -> UserChange {
    change(user, UserPatch { email: Some(email.clone()), ..UserPatch::default() })
}

fn demotion() -> UserPatch {
    UserPatch { role: Some(Role::User), ..UserPatch::default() }
}

fn deactivation() -> UserPatch {
    UserPatch { is_active: Some(false), ..UserPatch::default() }
}

async fn a_change_is_committed_with_its_revocation(ports: &Ports) {
    let user = given::user(ports).await;
    let patch = UserPatch {
        email: Some(email()),
        display_name: DisplayName::cut("Änne"),
        role: Some(Role::Admin),
        is_active: Some(false),
        keeps_proven_email: false,
    };
    let change = change(&user, patch);
    let blocked = revocation(Revoked::User { id: user.id, epoch: change.user.token_epoch });
    let saved = ports.users.save(change.clone(), Some(blocked.clone())).await.unwrap();
    assert_eq!(saved.as_ref(), Some(&change.user));
    assert_eq!(ports.users.find(user.id).await.unwrap(), saved);
    assert_eq!(blocklist(ports).await, [blocked]);
}

/// Account, blocklist and sessions stay as they were.
async fn a_change_based_on_another_version_is_not_committed(ports: &Ports) {
    let user = given::user(ports).await;
    let newer = ports.users.save(renamed(&user, "First"), None).await.unwrap();
    let (login, refresh) = given::login(ports, user.id).await;
    let deactivated = change(&user, UserPatch { is_active: Some(false), ..UserPatch::default() });
    let blocked = revocation(Revoked::User { id: user.id, epoch: deactivated.user.token_epoch });
    assert_eq!(ports.users.save(deactivated, Some(blocked)).await.unwrap(), None);
    assert_eq!(ports.users.find(user.id).await.unwrap(), newer);
    assert_eq!(blocklist(ports).await, []);
    let exchanged = ports.sessions.exchange(exchange(login.session.id, &refresh)).await.unwrap();
    assert!(matches!(exchanged, Exchanged::Renewed(_)), "{exchanged:?}");
}

/// The blocklist stays as it was.
async fn a_change_to_a_taken_address_commits_nothing(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let blocked = revocation(Revoked::User { id: user.id, epoch: user.token_epoch + 1 });
    let saved = ports.users.save(with_address(&user, &other.email), Some(blocked)).await;
    assert_eq!(conflict(saved), constraint::USER_EMAIL);
    assert_eq!(ports.users.find(user.id).await.unwrap(), Some(user));
    assert_eq!(blocklist(ports).await, []);
}

async fn deactivation_ends_the_sessions_of_that_user_only(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let logins = [given::login(ports, user.id).await, given::login(ports, user.id).await];
    let (kept, kept_refresh) = given::login(ports, other.id).await;
    let off = change(&user, UserPatch { is_active: Some(false), ..UserPatch::default() });
    let off = ports.users.save(off, None).await.unwrap().unwrap();
    // A session that was ended does not begin again with its user.
    let on = off.apply(UserPatch { is_active: Some(true), ..UserPatch::default() }, after(6)).unwrap();
    ports.users.save(on, None).await.unwrap().unwrap();
    for (login, refresh) in logins {
        let exchanged = ports.sessions.exchange(exchange(login.session.id, &refresh)).await.unwrap();
        assert_eq!(exchanged, Exchanged::Refused);
    }
    let exchanged = ports.sessions.exchange(exchange(kept.session.id, &kept_refresh)).await.unwrap();
    assert!(matches!(exchanged, Exchanged::Renewed(_)), "{exchanged:?}");
}

/// The exchange returns the user as it is now, with the role and epoch of the next access token.
async fn a_changed_role_keeps_sessions_and_is_in_their_next_tokens(ports: &Ports) {
    let user = given::user(ports).await;
    let (login, refresh) = given::login(ports, user.id).await;
    let promoted = change(&user, UserPatch { role: Some(Role::Admin), ..UserPatch::default() });
    let promoted = ports.users.save(promoted, None).await.unwrap().unwrap();
    assert_eq!((promoted.role, promoted.token_epoch), (Role::Admin, user.token_epoch + 1));
    match ports.sessions.exchange(exchange(login.session.id, &refresh)).await.unwrap() {
        Exchanged::Renewed(login) => assert_eq!(login.user, promoted),
        other => panic!("{other:?}"),
    }
}

async fn a_password_reset_ends_sessions_and_older_tokens(ports: &Ports) {
    let user = given::user(ports).await;
    let logins = [given::login(ports, user.id).await, given::login(ports, user.id).await];
    let hash = PasswordHash::new("another".to_owned());
    let reset = ports.users.reset_password(user.id, hash.clone(), after(1), None).await.unwrap().unwrap();
    assert_eq!((reset.token_epoch, reset.updated_at), (user.token_epoch + 1, after(1)));
    let credentials = ports.users.find_credentials(&user.email).await.unwrap().unwrap();
    assert_eq!((&credentials.user, credentials.password_hash), (&reset, Some(hash)));
    assert_eq!(blocklist(ports).await, [Revocation::of_user(user.id, reset.token_epoch, after(1))]);
    for (login, refresh) in logins {
        let exchanged = ports.sessions.exchange(exchange(login.session.id, &refresh)).await.unwrap();
        assert_eq!(exchanged, Exchanged::Refused);
    }
}

/// `Conflict` with `LAST_ACTIVE_ADMIN`. Account, sessions and blocklist stay as they were.
async fn the_last_active_admin_keeps_account_and_sessions(ports: &Ports) {
    let admin = given::admin(ports).await;
    given::user(ports).await;
    let (login, refresh) = given::login(ports, admin.id).await;
    for patch in [demotion(), deactivation()] {
        let change = admin.apply(patch, after(1)).unwrap();
        let blocked = revocation(Revoked::User { id: admin.id, epoch: change.user.token_epoch });
        let saved = ports.users.save(change, Some(blocked)).await;
        assert_eq!(conflict(saved), constraint::LAST_ACTIVE_ADMIN);
    }
    assert_eq!(ports.users.find(admin.id).await.unwrap(), Some(admin));
    assert_eq!(blocklist(ports).await, []);
    let exchanged = ports.sessions.exchange(exchange(login.session.id, &refresh)).await.unwrap();
    assert!(matches!(exchanged, Exchanged::Renewed(_)), "{exchanged:?}");
}

async fn resetting_an_unknown_account_blocks_nothing(ports: &Ports) {
    let hash = PasswordHash::new("hash".to_owned());
    assert_eq!(ports.users.reset_password(UserId::new(i64::MAX), hash, after(1), None).await.unwrap(), None);
    assert_eq!(blocklist(ports).await, []);
}
