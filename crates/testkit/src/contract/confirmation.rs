//! Access tokens that storage confirms.

use super::blocklist;
use crate::{
    builders::{MOMENT, after, new_session},
    given,
};
use chrono::{SubsecRound, TimeDelta};
use fasttrack_domain::{
    id::{SessionId, UserId},
    identity::ExternalSubject,
    ports::{revocation::RevocationRepository, session::SessionRepository, user::UserRepository},
    revocation::Revocation,
    session::{Login, NewSession},
    token::{AccessClaims, TokenId, TokenSource},
    user::{Role, UserPatch},
};
use std::collections::HashSet;

contract! { $
    confirmation { users: UserRepository, sessions: SessionRepository, revocations: RevocationRepository }
    a_token_is_confirmed_for_its_own_session_only,
    a_token_of_an_ended_session_or_old_epoch_is_refused,
    a_keyless_token_is_confirmed_for_older_rows_only,
    an_external_token_is_confirmed_by_user_and_blocklist,
    keys_of_users_and_sessions_are_unique,
}

/// Puts entries on the blocklist.
async fn block(ports: &Ports, entries: Vec<Revocation>) {
    for entry in entries {
        ports.revocations.create(entry).await.unwrap();
    }
}

/// What a token says that was made for this login.
fn claims(login: &Login) -> AccessClaims {
    AccessClaims {
        user_id: login.user.id,
        role: login.user.role,
        source: TokenSource::Session(login.session.id),
        token_id: TokenId::new("access-1".to_owned()),
        epoch: login.user.token_epoch,
        issued_at: MOMENT.trunc_subsecs(0),
        expires_at: after(15),
        user_key: Some(login.user.key),
        session_key: Some(login.session.key),
    }
}

async fn confirms(ports: &Ports, claims: AccessClaims) -> bool {
    ports.revocations.confirms(claims, after(1)).await.unwrap()
}

async fn a_token_is_confirmed_for_its_own_session_only(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let (login, _) = given::login(ports, user.id).await;
    let (second, _) = given::login(ports, user.id).await;
    let (others, _) = given::login(ports, other.id).await;
    let good = claims(&login);
    assert!(confirms(ports, good.clone()).await);
    let nowhere = TokenSource::Session(SessionId::new(i64::MAX));
    for (case, wrong) in [
        ("no such session", AccessClaims { source: nowhere, ..good.clone() }),
        ("another session", AccessClaims { source: claims(&second).source, ..good.clone() }),
        ("another session's key", AccessClaims { session_key: Some(second.session.key), ..good.clone() }),
        ("somebody else's session", AccessClaims { source: claims(&others).source, ..good.clone() }),
        ("another user", AccessClaims { user_id: other.id, ..good.clone() }),
        ("another user's key", AccessClaims { user_key: Some(other.key), ..good.clone() }),
        ("a former epoch", AccessClaims { epoch: good.epoch - 1, ..good.clone() }),
        ("a later epoch", AccessClaims { epoch: good.epoch + 1, ..good.clone() }),
        ("nobody", AccessClaims { user_id: UserId::new(i64::MAX), ..good.clone() }),
    ] {
        assert!(!confirms(ports, wrong).await, "{case}");
    }
}

/// The answer does not depend on entries of the blocklist.
async fn a_token_of_an_ended_session_or_old_epoch_is_refused(ports: &Ports) {
    let user = given::user(ports).await;
    let (login, refresh) = given::login(ports, user.id).await;
    let good = claims(&login);
    assert!(!ports.revocations.confirms(good.clone(), refresh.expires_at).await.unwrap());
    assert_eq!(ports.sessions.end(vec![login.session.id], user.id, after(1)).await.unwrap().len(), 1);
    ports.revocations.delete_expired(after(100_000)).await.unwrap();
    assert_eq!(blocklist(ports).await, []);
    assert!(!confirms(ports, good).await);

    let (login, _) = given::login(ports, user.id).await;
    let promoted = user.apply(UserPatch { role: Some(Role::Admin), ..UserPatch::default() }, after(1)).unwrap();
    let user = ports.users.save(promoted, None).await.unwrap().unwrap();
    assert!(!confirms(ports, claims(&login)).await);
    let (login, _) = given::login(ports, user.id).await;
    assert!(confirms(ports, claims(&login)).await);
    let off = UserPatch { is_active: Some(false), role: Some(Role::User), ..UserPatch::default() };
    given::admin(ports).await;
    ports.users.save(user.apply(off, after(2)).unwrap(), None).await.unwrap().unwrap();
    assert!(!confirms(ports, claims(&login)).await);
}

/// Tokens of former releases have no keys.
async fn a_keyless_token_is_confirmed_for_older_rows_only(ports: &Ports) {
    let user = given::user(ports).await;
    let (login, _) = given::login(ports, user.id).await;
    let keyless = AccessClaims { user_key: None, session_key: None, ..claims(&login) };
    // In whole seconds, as a token has them.
    assert!(confirms(ports, keyless.clone()).await);
    let before = MOMENT.trunc_subsecs(0) - TimeDelta::seconds(1);
    assert!(!confirms(ports, AccessClaims { issued_at: before, ..keyless.clone() }).await);
    let late = NewSession { created_at: after(1), ..new_session(user.id) };
    let login = given::session(ports, late).await;
    assert!(!confirms(ports, AccessClaims { source: claims(&login).source, ..keyless }).await);
}

/// The token belongs to no session.
async fn an_external_token_is_confirmed_by_user_and_blocklist(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let subject = ExternalSubject::parse("subject".to_owned()).unwrap();
    let good = AccessClaims {
        user_id: user.id,
        role: Role::User,
        source: TokenSource::External(subject),
        token_id: TokenId::new("ext:1".to_owned()),
        epoch: user.token_epoch,
        issued_at: MOMENT,
        expires_at: after(15),
        user_key: Some(user.key),
        session_key: None,
    };
    let ext = |id: &str| Revocation::of_token(TokenId::new(format!("ext:{id}")), after(15));
    block(ports, vec![ext("2")]).await;
    assert!(confirms(ports, good.clone()).await);
    for (case, wrong) in [
        ("another user", AccessClaims { user_id: other.id, ..good.clone() }),
        ("nobody", AccessClaims { user_id: UserId::new(i64::MAX), ..good.clone() }),
        ("another epoch", AccessClaims { epoch: good.epoch - 1, ..good.clone() }),
        ("revoked", AccessClaims { token_id: TokenId::new("ext:2".to_owned()), ..good.clone() }),
    ] {
        assert!(!confirms(ports, wrong).await, "{case}");
    }
    block(ports, vec![ext("1")]).await;
    assert!(!confirms(ports, good).await);
}

/// A key distinguishes a row from a later one with the same id.
async fn keys_of_users_and_sessions_are_unique(ports: &Ports) {
    let mut keys = HashSet::new();
    for _ in 0..10 {
        let user = given::user(ports).await;
        keys.insert(user.key);
        for _ in 0..2 {
            let (login, _) = given::login(ports, user.id).await;
            assert_eq!(login.user.key, user.key);
            keys.insert(login.session.key);
        }
        assert_eq!(ports.users.find(user.id).await.unwrap().unwrap().key, user.key);
    }
    assert_eq!(keys.len(), 30);
}
