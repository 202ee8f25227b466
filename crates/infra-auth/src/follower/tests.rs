use super::*;
use async_trait::async_trait;
use fasttrack_domain::{
    Timestamp,
    id::{SessionId, UserId},
    ports::{clock::MockClock, revocation::RevocationBatch},
    revocation::{Revocation, Revoked},
    token::{AccessClaims, TokenError, TokenId, TokenSource},
    user::Role,
};
use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
};
use tokio::time::sleep;

/// A table of revocations in memory.
#[derive(Default)]
struct Table {
    rows: Mutex<Vec<(i64, Revocation)>>,
    unreadable: AtomicBool,
    reads: AtomicUsize,
    asked_behind: AtomicI64,
}

impl Table {
    fn insert(&self, session: i64, until: Timestamp) {
        let mut rows = self.rows.lock().unwrap();
        let position = rows.last().map_or(1, |(position, _)| position + 1);
        rows.push((position, Revocation { subject: Revoked::Session(SessionId::new(session)), until }));
    }
}

#[async_trait]
impl RevocationRepository for Table {
    async fn since(&self, position: i64) -> Result<RevocationBatch, RepositoryError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.asked_behind.store(position, Ordering::Relaxed);
        if self.unreadable.load(Ordering::Relaxed) {
            return Err(RepositoryError::Unavailable("gone".into()));
        }
        let rows = self.rows.lock().unwrap();
        let revocations = rows.iter().filter(|(at, _)| *at > position).map(|(_, row)| row.clone()).collect();
        Ok(RevocationBatch { revocations, position: rows.last().map_or(position, |(at, _)| *at) })
    }

    async fn create(&self, _: Revocation) -> Result<(), RepositoryError> {
        unreachable!("a follower makes no entries")
    }

    async fn confirms(&self, _: AccessClaims, _: Timestamp) -> Result<bool, RepositoryError> {
        unreachable!("a follower only reads along")
    }

    async fn delete_expired(&self, _: Timestamp) -> Result<u64, RepositoryError> {
        unreachable!("a follower only reads along")
    }
}

fn now() -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000, 0).unwrap()
}

fn clock() -> Arc<dyn Clock> {
    let mut clock = MockClock::new();
    clock.expect_now().returning(now);
    Arc::new(clock)
}

fn is_blocked(list: &TokenMemory, session: i64) -> bool {
    list.check(&claims(session)).is_err()
}

fn claims(session: i64) -> AccessClaims {
    AccessClaims {
        user_id: UserId::new(1),
        role: Role::User,
        source: TokenSource::Session(SessionId::new(session)),
        token_id: TokenId::new("x".to_owned()),
        epoch: 0,
        issued_at: now(),
        expires_at: now(),
        user_key: None,
        session_key: None,
    }
}

async fn follow(table: &Arc<Table>) -> (Arc<TokenMemory>, BlocklistFollower) {
    let list = Arc::new(TokenMemory::default());
    let follower = BlocklistFollower::start(
        Arc::clone(table) as Arc<dyn RevocationRepository>,
        Arc::clone(&list),
        clock(),
        Intervals::default(),
    );
    (Arc::clone(&list), follower.await.unwrap())
}

#[tokio::test(start_paused = true)]
async fn earlier_revocations_are_loaded_at_the_start() {
    let table = Arc::new(Table::default());
    table.insert(1, now());
    let (list, follower) = follow(&table).await;
    assert!(is_blocked(&list, 1) && !is_blocked(&list, 2));
    follower.stop().await;
}

#[tokio::test(start_paused = true)]
async fn unreadable_table_fails_the_start() {
    let table = Arc::new(Table::default());
    table.unreadable.store(true, Ordering::Relaxed);
    let started = BlocklistFollower::start(table, Arc::default(), clock(), Intervals::default()).await;
    assert!(matches!(started, Err(RepositoryError::Unavailable(_))));
}

#[tokio::test(start_paused = true)]
async fn revocations_of_other_processes_arrive_within_a_second() {
    let table = Arc::new(Table::default());
    let (list, _follower) = follow(&table).await;
    for session in 1..5 {
        table.insert(session, now());
        sleep(Duration::from_millis(260)).await;
        assert!(is_blocked(&list, session));
    }
    sleep(Duration::from_millis(260)).await;
    assert_eq!(table.asked_behind.load(Ordering::Relaxed), 4, "what was read is not read again");
}

#[tokio::test(start_paused = true)]
async fn tokens_are_unavailable_during_an_outage() {
    let table = Arc::new(Table::default());
    let (list, _follower) = follow(&table).await;
    sleep(Duration::from_millis(10)).await;
    table.unreadable.store(true, Ordering::Relaxed);
    sleep(Duration::from_millis(500)).await;
    assert_eq!(list.check(&claims(1)), Ok(()));
    table.insert(1, now());
    sleep(Duration::from_millis(500)).await;
    assert_eq!(list.check(&claims(2)), Err(TokenError::Unavailable));
    table.unreadable.store(false, Ordering::Relaxed);
    sleep(Duration::from_millis(260)).await;
    assert!(is_blocked(&list, 1) && !is_blocked(&list, 2));
}

#[tokio::test(start_paused = true)]
async fn expired_entries_are_removed() {
    let table = Arc::new(Table::default());
    table.insert(1, now() - Duration::from_secs(1));
    table.insert(2, now());
    let (list, _follower) = follow(&table).await;
    sleep(Duration::from_secs(61)).await;
    assert_eq!(list.len(), 1);
    assert!(is_blocked(&list, 2));
}

#[tokio::test(start_paused = true)]
async fn follower_ends_when_stopped_or_dropped() {
    for stop in [true, false] {
        let table = Arc::new(Table::default());
        let (_, follower) = follow(&table).await;
        sleep(Duration::from_secs(1)).await;
        if stop {
            follower.stop().await;
        } else {
            drop(follower);
        }
        let reads = table.reads.load(Ordering::Relaxed);
        assert!(reads > 1);
        sleep(Duration::from_secs(10)).await;
        assert_eq!(table.reads.load(Ordering::Relaxed), reads);
        assert_eq!(Arc::strong_count(&table), 1);
    }
}
