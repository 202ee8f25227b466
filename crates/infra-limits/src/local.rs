//! Rate limits in the memory of this process.

use async_trait::async_trait;
use fasttrack_domain::{
    ports::rate_limit::RateLimits,
    rate_limit::{Quota, RateLimitStatus, SlidingWindow, Subject},
};
use lru::LruCache;
use std::{
    hash::{BuildHasher, RandomState},
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Maximum number of subjects that are counted at once. One with few requests takes about 200 bytes, one with many 1.2
/// KiB.
pub const CAPACITY: usize = SHARDS * SHARD.get();

/// The longest time from when a caller reads its clock until this one is read, as a busy machine interrupts threads: a hit that
/// is removed is so much older by this clock.
const MAX_DELAY: Duration = Duration::from_secs(1);

/// Subjects in different shards can be counted concurrently.
const SHARDS: usize = 64;
const SHARD: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

// @spec SPEC-007
/// Counts each subject exactly. When it is full, the subject that was not seen for the longest time is dropped: a
/// client that sends from more than [`CAPACITY`] networks has as many quotas anyway.
pub struct LocalLimits {
    quota: Quota,
    /// A monotonic clock, so that a changed system clock has no effect.
    begun: Instant,
    hasher: RandomState,
    shards: Box<[Mutex<Shard>]>,
}

type Shard = LruCache<Subject, SlidingWindow, RandomState>;

impl LocalLimits {
    /// Creates limits without any hits.
    pub fn new(quota: Quota) -> Self {
        let hasher = RandomState::new();
        let shards = (0..SHARDS).map(|_| Mutex::new(LruCache::with_hasher(SHARD, hasher.clone()))).collect();
        Self { quota, begun: Instant::now(), hasher, shards }
    }

    /// Does what [`RateLimits::hit`] does, synchronously.
    pub fn count(&self, subject: Subject) -> RateLimitStatus {
        let mut shard = lock(&self.shards[self.shard_of(&subject)]);
        // The time is read under the lock, so that a subject's times are in order.
        let now = self.begun.elapsed();
        shard.get_or_insert_mut(subject, SlidingWindow::default).hit(self.quota, now)
    }

    /// Does what [`RateLimits::remove_hit`] does, synchronously.
    pub fn remove(&self, subject: Subject, age: Duration) {
        if age >= self.quota.window() {
            return;
        }
        let mut shard = lock(&self.shards[self.shard_of(&subject)]);
        let now = self.begun.elapsed();
        if let Some(window) = shard.peek_mut(&subject) {
            window.remove_hit(now, age + MAX_DELAY);
        }
    }

    /// The number of subjects in memory.
    pub fn subjects(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    /// Picks a shard by other bits than the map in it uses.
    fn shard_of(&self, subject: &Subject) -> usize {
        (self.hasher.hash_one(subject) >> 32) as usize % SHARDS
    }
}

/// A poisoned lock is usable, as a panic leaves no partial change.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl RateLimits for LocalLimits {
    fn quota(&self) -> Quota {
        self.quota
    }

    async fn hit(&self, subject: Subject) -> RateLimitStatus {
        self.count(subject)
    }

    async fn remove_hit(&self, subject: Subject, age: Duration) {
        self.remove(subject, age);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fasttrack_domain::{id::UserId, rate_limit::Network};
    use fasttrack_testkit::{contract, contract_tests};
    use std::{
        net::{IpAddr, Ipv6Addr},
        num::NonZeroU32,
        sync::Arc,
        thread,
        time::Duration,
    };
    use tokio::time::advance;

    fn limits(limit: u32) -> LocalLimits {
        LocalLimits::new(Quota { limit: NonZeroU32::new(limit).unwrap(), window_seconds: NonZeroU32::new(60).unwrap() })
    }

    fn user(id: i64) -> Subject {
        Subject::User(UserId::new(id))
    }

    fn network(address: u128) -> Subject {
        Subject::Network(Network::from(IpAddr::from(Ipv6Addr::from_bits(address))))
    }

    async fn fresh() -> (contract::rate_limit::Ports, ()) {
        (contract::rate_limit::Ports { limits: Arc::new(limits(5)) }, ())
    }

    contract_tests!(rate_limit, fresh);

    const DOCUMENTATION: u128 = 0x2001_0db8 << 96;

    #[tokio::test(start_paused = true)]
    async fn each_subject_has_its_own_sliding_window() {
        let limits = limits(2);
        for subject in [user(1), user(2), network(1 << 64), network(2 << 64)] {
            assert_eq!(limits.hit(subject).await.remaining, 1);
            assert!(limits.hit(subject).await.is_allowed);
            assert!(!limits.hit(subject).await.is_allowed);
        }
        advance(Duration::from_millis(59_999)).await;
        assert!(!limits.hit(user(1)).await.is_allowed);
        advance(Duration::from_millis(1)).await;
        assert!(limits.hit(user(1)).await.is_allowed);
    }

    #[tokio::test(start_paused = true)]
    async fn hit_that_is_taken_back_leaves_its_place() {
        let limits = limits(1);
        let begun = Instant::now();
        assert!(limits.hit(user(1)).await.is_allowed);
        advance(Duration::from_secs(1)).await;
        limits.remove_hit(user(2), begun.elapsed()).await;
        assert!(!limits.hit(user(1)).await.is_allowed);
        limits.remove_hit(user(1), begun.elapsed()).await;
        assert!(limits.hit(user(1)).await.is_allowed);
    }

    #[tokio::test(start_paused = true)]
    async fn hit_is_taken_back_after_an_interruption() {
        let limits = limits(1);
        let begun = Instant::now();
        assert!(limits.hit(user(1)).await.is_allowed);
        let age = begun.elapsed();
        advance(Duration::from_millis(500)).await;
        limits.remove_hit(user(1), age).await;
        assert!(limits.hit(user(1)).await.is_allowed);
    }

    #[test]
    fn a_flood_from_one_network_is_one_subject() {
        let limits = limits(600);
        let allowed = (0..200_000).filter(|n| limits.count(network(DOCUMENTATION + n)).is_allowed).count();
        assert_eq!((allowed, limits.subjects()), (600, 1));
    }

    #[test]
    fn subjects_never_exceed_capacity() {
        let limits = limits(1);
        for n in 0..200_000 {
            limits.count(network(DOCUMENTATION + (n << 64)));
        }
        assert!(limits.subjects() <= CAPACITY);
        // The last network is still counted.
        assert!(!limits.count(network(DOCUMENTATION + (199_999 << 64))).is_allowed);
        assert!(limits.count(network(DOCUMENTATION)).is_allowed);
    }

    #[test]
    fn simultaneous_hits_never_exceed_the_limit() {
        let limits = limits(1000);
        let count = || (0..1000).filter(|_| limits.count(user(1)).is_allowed).count();
        let allowed: usize = thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(count)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(allowed, 1000);
    }
}
