//! bcrypt on a few threads of its own, with a bounded queue: a storm of logins can neither starve other requests
//! nor wait without end.

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

/// Why there is no hasher.
#[derive(Debug, thiserror::Error)]
pub enum BcryptHasherError {
    /// Below 4 bcrypt is undefined, above 16 a login takes seconds.
    #[error("the bcrypt cost must be between 4 and 16, not {0}")]
    Cost(u32),
    /// Without a thread or a place to wait nothing is ever hashed.
    #[error("a password hasher needs at least one thread and a queue of at least one")]
    Empty,
    /// The system gives no thread.
    #[error("can't start a thread for password hashing")]
    Thread(#[source] io::Error),
}

// @spec SPEC-001
// @norm NORM-SEC-001
/// Hashes with bcrypt, `$2b$`. Verifies `$2a$`, `$2b$` and `$2y$`, which differ in nothing for what it hashes.
///
/// A queue that is full answers [`HasherError::Overloaded`] at once. Who stops waiting for an answer takes their
/// place in the queue along: the password isn't hashed any more. Dropped, its threads end.
pub struct BcryptHasher {
    cost: u32,
    /// What the stored hashes cost, where there are any.
    costs: Option<Arc<dyn PasswordCosts>>,
    /// The highest cost that `costs` answered last, for when it can't answer.
    highest: AtomicU32,
    threads: usize,
    pool: Pool,
    pace: Arc<Pace>,
    meter: Arc<HasherMeter>,
}

impl BcryptHasher {
    /// The costs that are allowed: the binary logarithm of the rounds.
    pub const COSTS: RangeInclusive<u32> = 4..=16;

    /// Starts `threads` threads and a queue for at most `queue` waiting passwords. Hashes nothing.
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
        let pace = Arc::new(Pace::new(work::estimate(cost)));
        Ok(Self { cost, costs: None, highest: AtomicU32::new(0), threads, pool, pace, meter })
    }

    /// Verifies at the highest cost of any stored hash where that is above its own: so that accounts whose hash is
    /// from a time of a higher cost aren't told from others.
    #[must_use]
    pub fn asking(self, costs: Arc<dyn PasswordCosts>) -> Self {
        Self { costs: Some(costs), ..self }
    }

    /// What every verification costs now.
    async fn verification_cost(&self) -> u32 {
        if let Some(costs) = &self.costs {
            match costs.highest().await {
                // A foreign hash of a cost that nobody would wait for must not make every login as slow.
                Ok(highest) => {
                    self.highest.store(highest.unwrap_or_default().min(*Self::COSTS.end()), Ordering::Relaxed);
                }
                Err(error) => tracing::debug!(%error, "the highest cost of stored hashes is unknown: taking the last"),
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
        let (pace, meter) = (Arc::clone(&self.pace), Arc::clone(&self.meter));
        let handed_in = Instant::now();
        let job = move || {
            if !reply.is_closed() {
                let begin = Instant::now();
                meter.wait.record(begin - handed_in);
                let result = work();
                let took = begin.elapsed();
                meter.hash.record(took);
                pace.record(took);
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
        self.pace.get().saturating_mul(rounds).max(Duration::from_secs(1))
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
        if StoredHash::parse(&hash).map_err(other)?.is_as_made_at(self.cost) {
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

/// How long a hash takes: a moving average, in microseconds.
struct Pace(AtomicU64);

impl Pace {
    fn new(first: Duration) -> Self {
        Self(AtomicU64::new(micros(first)))
    }

    fn record(&self, latest: Duration) {
        // A lost update costs nothing but a little precision.
        let average = (self.0.load(Ordering::Relaxed) * 7).saturating_add(micros(latest)) / 8;
        self.0.store(average, Ordering::Relaxed);
    }

    fn get(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// At most an hour, so that averages can't overflow.
fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX).min(3_600_000_000)
}

#[cfg(test)]
mod tests;
