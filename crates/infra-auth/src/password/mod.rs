//! bcrypt on a few threads of its own, with a bounded queue: a storm of logins can neither starve other requests
//! nor wait without end.
//!
//! bcrypt reads 72 bytes and, in effect, repeats the password with a NUL between; longer passwords and such with a
//! NUL would have look-alikes. They are digested first: byte 0xFF, then the standard base64 of their SHA-384, 65
//! bytes. No UTF-8 text begins with 0xFF, so nothing that was typed in can be mistaken for a digest.

mod pool;

use crate::metrics::HasherMeter;
use async_trait::async_trait;
use aws_lc_rs::digest::{SHA384, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use bcrypt::BcryptResult;
use fasttrack_domain::{
    password::{Password, PasswordAttempt, PasswordHash},
    ports::password::{HasherError, PasswordHasher},
};
use pool::{Full, Pool};
use std::{
    borrow::Cow,
    error::Error,
    io,
    ops::RangeInclusive,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

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
    /// The system gives no random numbers.
    #[error("can't make a bcrypt hash")]
    Bcrypt(#[source] bcrypt::BcryptError),
}

// @spec SPEC-001
// @norm NORM-SEC-001
/// Hashes with bcrypt, `$2b$`. Verifies `$2a$`, `$2b$` and `$2y$`, which differ in nothing for what it hashes.
///
/// A queue that is full answers [`HasherError::Overloaded`] at once. Who stops waiting for an answer takes their
/// place in the queue along: the password isn't hashed any more. Dropped, its threads end.
pub struct BcryptHasher {
    cost: u32,
    threads: usize,
    pool: Pool,
    pace: Arc<Pace>,
    meter: Arc<HasherMeter>,
    /// Stands in where there is no account. Nobody knows its password.
    dummy: Arc<str>,
}

impl BcryptHasher {
    /// The costs that are allowed: the binary logarithm of the rounds.
    pub const COSTS: RangeInclusive<u32> = 4..=16;

    /// Starts `threads` threads and a queue for at most `queue` waiting passwords. Makes one hash to know how long
    /// it takes, and blocks as long.
    pub fn new(cost: u32, threads: usize, queue: usize) -> Result<Self, BcryptHasherError> {
        if !Self::COSTS.contains(&cost) {
            return Err(BcryptHasherError::Cost(cost));
        }
        if threads == 0 || queue == 0 {
            return Err(BcryptHasherError::Empty);
        }
        let begin = Instant::now();
        let dummy = bcrypt::hash(uuid::Uuid::new_v4(), cost).map_err(BcryptHasherError::Bcrypt)?;
        let pace = Arc::new(Pace::new(begin.elapsed()));
        let meter = Arc::new(HasherMeter::new(threads, queue));
        let waiting = meter.queue.clone();
        let pool = Pool::start(threads, queue, waiting).map_err(BcryptHasherError::Thread)?;
        Ok(Self { cost, threads, pool, pace, meter, dummy: dummy.into() })
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
        self.run(move || bcrypt::hash(bcrypt_input(password.expose()), cost)).await.map(PasswordHash::new)
    }

    async fn verify(&self, attempt: PasswordAttempt, hash: Option<PasswordHash>) -> Result<bool, HasherError> {
        let known = hash.is_some();
        let hash = hash.map_or_else(|| Arc::clone(&self.dummy), |hash| Arc::from(hash.expose()));
        if !["$2a$", "$2b$", "$2y$"].iter().any(|version| hash.starts_with(version)) {
            return Err(other("a stored password hash is no bcrypt hash of version 2a, 2b or 2y"));
        }
        self.run(move || bcrypt::verify(bcrypt_input(attempt.expose()), &hash)).await.map(|equal| equal && known)
    }
}

/// What bcrypt gets to read; see the [module](self).
fn bcrypt_input(password: &str) -> Cow<'_, [u8]> {
    let bytes = password.as_bytes();
    if bytes.len() <= 72 && !bytes.contains(&0) {
        return Cow::Borrowed(bytes);
    }
    let mut input = vec![0xFF];
    input.extend_from_slice(STANDARD.encode(digest(&SHA384, bytes)).as_bytes());
    Cow::Owned(input)
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
