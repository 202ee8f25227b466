//! The blocklist as a table that every node reads along.

use super::simultaneously;
use crate::{
    Ports,
    builders::{after, revocation},
};
use fasttrack_domain::{
    id::{SessionId, UserId},
    identity::ExternalSubject,
    token::{AccessClaims, Revocation, Revoked, TokenId, TokenSource},
    user::Role,
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

/// Puts entries on the blocklist; that there is no such session doesn't matter.
async fn block(ports: &Ports, entries: Vec<Revocation>) {
    ports.sessions.end(SessionId::new(i64::MAX), UserId::new(i64::MAX), after(0), entries).await.unwrap();
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

/// By the token, its session, or a later epoch of its user; nobody else's.
pub async fn a_token_is_blocked_by_what_names_it(ports: &Ports) {
    let claims = AccessClaims {
        user_id: UserId::new(7),
        role: Role::User,
        source: TokenSource::Session(SessionId::new(8)),
        token_id: TokenId::new("access-1".to_owned()),
        epoch: 3,
        expires_at: after(15),
    };
    let epoch = |id, epoch| revocation(Revoked::User { id: UserId::new(id), epoch });
    let session = |id| revocation(Revoked::Session(SessionId::new(id)));
    block(ports, vec![token(2), session(7), epoch(8, 9), epoch(7, 3)]).await;
    assert!(!ports.revocations.blocks(claims.clone()).await.unwrap());
    let other = AccessClaims {
        user_id: UserId::new(20),
        source: TokenSource::Session(SessionId::new(20)),
        token_id: TokenId::new("access-20".to_owned()),
        ..claims.clone()
    };
    // An entry, and the token that nothing but this entry names.
    for (entry, only_this) in [
        (token(1), AccessClaims { token_id: claims.token_id.clone(), ..other.clone() }),
        (session(8), AccessClaims { source: claims.source.clone(), ..other.clone() }),
        (epoch(7, 4), AccessClaims { user_id: claims.user_id, ..other.clone() }),
    ] {
        assert!(!ports.revocations.blocks(only_this.clone()).await.unwrap(), "{entry:?}");
        block(ports, vec![entry.clone()]).await;
        assert!(ports.revocations.blocks(only_this).await.unwrap(), "{entry:?}");
    }
}

/// By itself or a later epoch of its user; it is of no session.
pub async fn a_token_of_another_issuer_is_blocked_likewise(ports: &Ports) {
    let subject = ExternalSubject::parse("subject".to_owned()).unwrap();
    let claims = |user, token: &str| AccessClaims {
        user_id: UserId::new(user),
        role: Role::User,
        source: TokenSource::External(subject.clone()),
        token_id: TokenId::new(token.to_owned()),
        epoch: 3,
        expires_at: after(15),
    };
    block(ports, vec![revocation(Revoked::Session(SessionId::new(8)))]).await;
    for (claims, entry) in [
        (claims(8, "ext:1"), Revoked::Token(TokenId::new("ext:1".to_owned()))),
        (claims(9, "ext:2"), Revoked::User { id: UserId::new(9), epoch: 4 }),
    ] {
        assert!(!ports.revocations.blocks(claims.clone()).await.unwrap(), "{entry:?}");
        block(ports, vec![revocation(entry.clone())]).await;
        assert!(ports.revocations.blocks(claims).await.unwrap(), "{entry:?}");
    }
}

/// Seen by whoever reads along, as any other.
pub async fn an_entry_can_be_made_by_itself(ports: &Ports) {
    let position = ports.revocations.since(0).await.unwrap().position;
    ports.revocations.create(token(1)).await.unwrap();
    let batch = ports.revocations.since(position).await.unwrap();
    assert_eq!(batch.revocations, [token(1)]);
    assert!(batch.position > position);
}
