//! Entries of the blocklist: [`RevocationRepository`] alone.

use super::{blocklist, simultaneously};
use crate::builders::{after, revocation};
use fasttrack_domain::{
    id::{SessionId, UserId},
    ports::revocation::RevocationRepository,
    revocation::{Revocation, Revoked},
    token::TokenId,
};
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

contract! { $
    revocation { revocations: RevocationRepository }
    an_entry_can_be_created_alone,
    entries_are_read_once_and_in_order,
    without_new_entries_the_position_stays,
    expired_entries_are_deleted,
    a_position_survives_the_deletion_of_older_entries,
    a_concurrent_reader_misses_no_entry,
}

fn token(n: usize) -> Revocation {
    revocation(Revoked::Token(TokenId::new(format!("access-{n}"))))
}

/// Puts entries on the blocklist.
async fn block(ports: &Ports, entries: Vec<Revocation>) {
    for entry in entries {
        ports.revocations.create(entry).await.unwrap();
    }
}

async fn an_entry_can_be_created_alone(ports: &Ports) {
    let position = ports.revocations.since(0).await.unwrap().position;
    ports.revocations.create(token(1)).await.unwrap();
    let batch = ports.revocations.since(position).await.unwrap();
    assert_eq!(batch.revocations, [token(1)]);
    assert!(batch.position > position);
}

/// A second entry for one subject is another entry, as its end may be later.
async fn entries_are_read_once_and_in_order(ports: &Ports) {
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
    assert_eq!(blocklist(ports).await, [first, second].concat());
}

async fn without_new_entries_the_position_stays(ports: &Ports) {
    let empty = ports.revocations.since(0).await.unwrap();
    assert_eq!((empty.revocations, empty.position), (vec![], 0));
    block(ports, vec![token(1)]).await;
    let position = ports.revocations.since(0).await.unwrap().position;
    for _ in 0..2 {
        let batch = ports.revocations.since(position).await.unwrap();
        assert_eq!((batch.revocations, batch.position), (vec![], position));
    }
}

/// An entry whose `until` is the given moment stays.
async fn expired_entries_are_deleted(ports: &Ports) {
    let entries = [9, 10, 11].map(|until| Revocation { until: after(until), ..token(1) });
    block(ports, entries.to_vec()).await;
    assert_eq!(ports.revocations.delete_expired(after(10)).await.unwrap(), 1);
    assert_eq!(blocklist(ports).await, entries[1..]);
    assert_eq!(ports.revocations.delete_expired(after(10)).await.unwrap(), 0);
}

/// The table may be empty in between.
async fn a_position_survives_the_deletion_of_older_entries(ports: &Ports) {
    block(ports, vec![token(1), token(2)]).await;
    let position = ports.revocations.since(0).await.unwrap().position;
    assert_eq!(ports.revocations.delete_expired(after(1_000)).await.unwrap(), 2);
    assert_eq!(ports.revocations.since(position).await.unwrap().position, position);
    block(ports, vec![token(3)]).await;
    assert_eq!(ports.revocations.since(position).await.unwrap().revocations, [token(3)]);
}

/// An entry that becomes visible late comes after the reader's position.
async fn a_concurrent_reader_misses_no_entry(ports: &Ports) {
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
