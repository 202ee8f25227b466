//! Password hashing by bcrypt on a bounded number of threads with a bounded queue: a burst of logins can neither starve
//! other requests nor wait without bound.

mod pool;
mod work;

use crate::metrics::HasherMeter;
use async_trait::async_trait;
use bcrypt::BcryptResult;
use fasttrack_domain::{
    password::{Password, PasswordAttempt, PasswordHash},
    ports::password::{HasherError, PasswordCosts, PasswordHasher},
};
use pool::{Full, Pool};
use std::{
    error::Error,
    io,
    ops::RangeInclusive,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::oneshot;
use work::{StoredHash, compare, make};

/// Why a hasher can't be created.
#[derive(Debug, thiserror::Error)]
pub enum BcryptHasherError {
    /// The cost is out of bounds: below 4 bcrypt is undefined, above 16 a login takes seconds.
    #[error("the bcrypt cost must be between 4 and 16, not {0}")]
    Cost(u32),
    /// The hasher has no thread or no queue.
    #[error("a password hasher needs at least one thread and a queue of at least one")]
    Empty,
    /// A thread can't be started.
    #[error("can't start a thread for password hashing")]
    Thread(#[source] io::Error),
}

// @spec SPEC-001
// @norm NORM-SEC-001
/// Hashes with bcrypt `$2b$`. Verifies `$2a$`, `$2b$` and `$2y$`, which are equal for the inputs that it hashes.
///
/// A full queue returns [`HasherError::Overloaded`] at once. A password whose caller no longer waits is not hashed.
/// When this is dropped, its threads end.
pub struct BcryptHasher {
    cost: u32,
    /// The costs of stored hashes, if storage is connected.
    costs: Option<Arc<dyn PasswordCosts>>,
    /// The last highest cost, for when `costs` fails.
    highest: AtomicU32,
    threads: usize,
    pool: Pool,
    hash_time: Arc<HashTime>,
    meter: Arc<HasherMeter>,
}

impl BcryptHasher {
    /// The allowed costs, as the binary logarithm of the rounds.
    pub const COSTS: RangeInclusive<u32> = 4..=16;

    /// Starts `threads` threads with a queue for at most `queue` waiting passwords.
    pub fn new(cost: u32, threads: usize, queue: usize) -> Result<Self, BcryptHasherError> {
        if !Self::COSTS.contains(&cost) {
            return Err(BcryptHasherError::Cost(cost));
        }
        if threads == 0 || queue == 0 {
            return Err(BcryptHasherError::Empty);
        }
        let meter = Arc::new(HasherMeter::new(threads, queue));
        let waiting = meter.queue.clone();
        let pool = Pool::start(threads, queue, waiting).map_err(BcryptHasherError::Thread)?;
        let hash_time = Arc::new(HashTime::new(work::estimate(cost)));
        Ok(Self { cost, costs: None, highest: AtomicU32::new(0), threads, pool, hash_time, meter })
    }

    /// Verifies at the highest cost of any stored hash if it is above its own, so that the duration doesn't reveal
    /// accounts with hashes of a higher cost.
    #[must_use]
    pub fn with_costs(self, costs: Arc<dyn PasswordCosts>) -> Self {
        Self { costs: Some(costs), ..self }
    }

    /// The cost of every verification now.
    async fn verification_cost(&self) -> u32 {
        if let Some(costs) = &self.costs {
            match costs.highest().await {
                // A single imported hash of an extreme cost must not slow down every login.
                Ok(highest) => {
                    self.highest.store(highest.unwrap_or_default().min(*Self::COSTS.end()), Ordering::Relaxed);
                }
                Err(error) => {
                    tracing::debug!(%error, "can't read the highest cost of stored hashes; using the last known one");
                }
            }
        }
        self.highest.load(Ordering::Relaxed).max(self.cost)
    }

    #[tracing::instrument(name = "bcrypt", skip_all)]
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> BcryptResult<T> + Send + 'static,
    ) -> Result<T, HasherError> {
        let (reply, answer) = oneshot::channel();
        let (hash_time, meter) = (Arc::clone(&self.hash_time), Arc::clone(&self.meter));
        let handed_in = Instant::now();
        let job = move || {
            if !reply.is_closed() {
                let begin = Instant::now();
                meter.wait.record(begin - handed_in);
                let result = work();
                let took = begin.elapsed();
                meter.hash.record(took);
                hash_time.record(took);
                let _ = reply.send(result);
            }
        };
        self.pool.submit(Box::new(job)).map_err(|Full { waiting }| {
            self.meter.refused.increment(1);
            HasherError::Overloaded { retry_after: self.retry_after(waiting) }
        })?;
        answer.await.map_err(other)?.map_err(other)
    }

    fn retry_after(&self, waiting: usize) -> Duration {
        let rounds = u32::try_from(waiting.div_ceil(self.threads)).unwrap_or(u32::MAX);
        self.hash_time.get().saturating_mul(rounds).max(Duration::from_secs(1))
    }
}

#[async_trait]
impl PasswordHasher for BcryptHasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherError> {
        let cost = self.cost;
        self.run(move || make(password.expose(), cost)).await.map(PasswordHash::new)
    }

    async fn verify(&self, attempt: PasswordAttempt, hash: Option<PasswordHash>) -> Result<bool, HasherError> {
        let hash = hash.as_ref().map(StoredHash::parse).transpose().map_err(other)?;
        let cost = self.verification_cost().await;
        self.run(move || Ok(compare(&attempt.forms(), hash.as_ref(), cost))).await
    }

    async fn renew(&self, attempt: PasswordAttempt, hash: PasswordHash) -> Result<Option<PasswordHash>, HasherError> {
        if StoredHash::parse(&hash).map_err(other)?.is_current_at(self.cost) {
            return Ok(None);
        }
        let (cost, forms) = (self.cost, attempt.forms());
        let Some(nfc) = forms.into_iter().next() else { return Ok(None) };
        self.run(move || make(&nfc, cost)).await.map(|hash| Some(PasswordHash::new(hash)))
    }
}

fn other(error: impl Into<Box<dyn Error + Send + Sync>>) -> HasherError {
    HasherError::Other(error.into())
}

/// The moving average of hashing times in microseconds.
struct HashTime(AtomicU64);

impl HashTime {
    fn new(first: Duration) -> Self {
        Self(AtomicU64::new(micros(first)))
    }

    fn record(&self, latest: Duration) {
        // A lost update costs only a little precision.
        let average = (self.0.load(Ordering::Relaxed) * 7).saturating_add(micros(latest)) / 8;
        self.0.store(average, Ordering::Relaxed);
    }

    fn get(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// Converts to microseconds, at most an hour, so that averages can't overflow.
fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX).min(3_600_000_000)
}

#[cfg(test)]
mod tests;
