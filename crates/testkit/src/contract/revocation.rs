//! The blocklist as a table that every node reads along.

use super::simultaneously;
use crate::{
    Ports,
    builders::{MOMENT, after, new_session, revocation},
};
use chrono::{SubsecRound, TimeDelta};
use fasttrack_domain::{
    id::{SessionId, UserId},
    identity::ExternalSubject,
    session::{Login, NewSession},
    token::{AccessClaims, Revocation, Revoked, TokenId, TokenSource},
    user::{Role, UserPatch},
};
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

fn token(n: usize) -> Revocation {
    revocation(Revoked::Token(TokenId::new(format!("access-{n}"))))
}

/// Puts entries on the blocklist.
async fn block(ports: &Ports, entries: Vec<Revocation>) {
    for entry in entries {
        ports.revocations.create(entry).await.unwrap();
    }
}

/// Of every kind, in the order of their entry; from a position on only what came after it.
pub async fn entries_come_in_order_and_once(ports: &Ports) {
    let first = vec![
        token(1),
        revocation(Revoked::Session(SessionId::new(i64::MAX))),
        Revocation { subject: Revoked::User { id: UserId::new(7), epoch: 3 }, until: after(99) },
    ];
    block(ports, first.clone()).await;
    let batch = ports.revocations.since(0).await.unwrap();
    assert_eq!(batch.revocations, first);
    // The same subject again is another entry: its end may be later.
    let second = vec![token(2), token(1)];
    block(ports, second.clone()).await;
    let next = ports.revocations.since(batch.position).await.unwrap();
    assert_eq!(next.revocations, second);
    assert!(next.position > batch.position);
    assert_eq!(ports.blocklist().await, [first, second].concat());
}

/// Else a reader would begin again at the start.
pub async fn without_new_entries_the_position_stays(ports: &Ports) {
    let empty = ports.revocations.since(0).await.unwrap();
    assert_eq!((empty.revocations, empty.position), (vec![], 0));
    block(ports, vec![token(1)]).await;
    let position = ports.revocations.since(0).await.unwrap().position;
    for _ in 0..2 {
        let batch = ports.revocations.since(position).await.unwrap();
        assert_eq!((batch.revocations, batch.position), (vec![], position));
    }
}

/// When `until` is before now, not at it.
pub async fn entries_are_forgotten_once_they_expired(ports: &Ports) {
    let entries = [9, 10, 11].map(|until| Revocation { until: after(until), ..token(1) });
    block(ports, entries.to_vec()).await;
    assert_eq!(ports.revocations.delete_expired(after(10)).await.unwrap(), 1);
    assert_eq!(ports.blocklist().await, entries[1..]);
    assert_eq!(ports.revocations.delete_expired(after(10)).await.unwrap(), 0);
}

/// Also when all of them are, so that the table is empty in between.
pub async fn a_position_stays_good_when_entries_before_it_are_forgotten(ports: &Ports) {
    block(ports, vec![token(1), token(2)]).await;
    let position = ports.revocations.since(0).await.unwrap().position;
    assert_eq!(ports.revocations.delete_expired(after(1_000)).await.unwrap(), 2);
    assert_eq!(ports.revocations.since(position).await.unwrap().position, position);
    block(ports, vec![token(3)]).await;
    assert_eq!(ports.revocations.since(position).await.unwrap().revocations, [token(3)]);
}

/// However the writers overlap: an entry that becomes visible late still stands behind the reader's position.
pub async fn a_reader_who_follows_along_misses_nothing(ports: &Ports) {
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (revocations, done) = (ports.revocations.clone(), Arc::clone(&done));
        async move {
            let (mut seen, mut position) = (Vec::new(), 0);
            loop {
                let last = done.load(Ordering::Acquire);
                let batch = revocations.since(position).await.unwrap();
                seen.extend(batch.revocations.into_iter().map(|entry| entry.subject));
                position = batch.position;
                if last {
                    return seen;
                }
                tokio::task::yield_now().await;
            }
        }
    });
    simultaneously(20, |writer| {
        let ports = ports.clone();
        async move {
            for i in 0..10 {
                let n = 100 * writer + 2 * i;
                block(&ports, vec![token(n), token(n + 1)]).await;
            }
        }
    })
    .await;
    done.store(true, Ordering::Release);
    let seen = reader.await.unwrap();
    assert_eq!((seen.len(), seen.into_iter().collect::<HashSet<_>>().len()), (400, 400));
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

/// Of this user, both by id and by key, at this epoch.
pub async fn a_token_is_confirmed_for_its_own_session_alone(ports: &Ports) {
    let (user, other) = (ports.given_user().await, ports.given_user().await);
    let (login, _) = ports.given_login(user.id).await;
    let (second, _) = ports.given_login(user.id).await;
    let (others, _) = ports.given_login(other.id).await;
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

/// Whatever the blocklist says: its session ended or expired, its user was deactivated or has another epoch.
pub async fn a_token_is_not_confirmed_once_its_time_is_over(ports: &Ports) {
    let user = ports.given_user().await;
    let (login, refresh) = ports.given_login(user.id).await;
    let good = claims(&login);
    assert!(!ports.revocations.confirms(good.clone(), refresh.expires_at).await.unwrap());
    assert_eq!(ports.sessions.end(vec![login.session.id], user.id, after(1)).await.unwrap().len(), 1);
    ports.revocations.delete_expired(after(100_000)).await.unwrap();
    assert_eq!(ports.blocklist().await, []);
    assert!(!confirms(ports, good).await);

    let (login, _) = ports.given_login(user.id).await;
    let promoted = user.apply(UserPatch { role: Some(Role::Admin), ..UserPatch::default() }, after(1)).unwrap();
    let user = ports.users.save(promoted, None).await.unwrap().unwrap();
    assert!(!confirms(ports, claims(&login)).await);
    let (login, _) = ports.given_login(user.id).await;
    assert!(confirms(ports, claims(&login)).await);
    let off = UserPatch { is_active: Some(false), role: Some(Role::User), ..UserPatch::default() };
    ports.given_admin().await;
    ports.users.save(user.apply(off, after(2)).unwrap(), None).await.unwrap().unwrap();
    assert!(!confirms(ports, claims(&login)).await);
}

/// It was made by a former release: it is of no user and no session that is younger than it.
pub async fn a_token_without_keys_is_confirmed_for_what_is_older(ports: &Ports) {
    let user = ports.given_user().await;
    let (login, _) = ports.given_login(user.id).await;
    let keyless = AccessClaims { user_key: None, session_key: None, ..claims(&login) };
    // In whole seconds, as a token has them.
    assert!(confirms(ports, keyless.clone()).await);
    let before = MOMENT.trunc_subsecs(0) - TimeDelta::seconds(1);
    assert!(!confirms(ports, AccessClaims { issued_at: before, ..keyless.clone() }).await);
    let late = NewSession { created_at: after(1), ..new_session(user.id) };
    let login = ports.open(late).await;
    assert!(!confirms(ports, AccessClaims { source: claims(&login).source, ..keyless }).await);
}

/// Of no session: by its user, and while no entry names it.
pub async fn a_token_of_another_issuer_is_confirmed_by_user_and_blocklist(ports: &Ports) {
    let (user, other) = (ports.given_user().await, ports.given_user().await);
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

/// So that a row is told from another that gets the same id.
pub async fn no_two_users_and_no_two_sessions_have_one_key(ports: &Ports) {
    let mut keys = HashSet::new();
    for _ in 0..10 {
        let user = ports.given_user().await;
        keys.insert(user.key);
        for _ in 0..2 {
            let (login, _) = ports.given_login(user.id).await;
            assert_eq!(login.user.key, user.key);
            keys.insert(login.session.key);
        }
        assert_eq!(ports.users.find(user.id).await.unwrap().unwrap().key, user.key);
    }
    assert_eq!(keys.len(), 30);
}

/// Seen by whoever reads along, as any other.
pub async fn an_entry_can_be_made_by_itself(ports: &Ports) {
    let position = ports.revocations.since(0).await.unwrap().position;
    ports.revocations.create(token(1)).await.unwrap();
    let batch = ports.revocations.since(position).await.unwrap();
    assert_eq!(batch.revocations, [token(1)]);
    assert!(batch.position > position);
}
