//! Password hashing.

use super::RepositoryError;
use crate::password::{Password, PasswordAttempt, PasswordHash};
use async_trait::async_trait;
use std::{error::Error, time::Duration};

/// Why hashing or verification failed.
#[derive(Debug, thiserror::Error)]
pub enum HasherError {
    /// The queue is full.
    #[error("too many passwords are waiting to be hashed")]
    Overloaded {
        /// The time after which a retry may succeed.
        retry_after: Duration,
    },
    /// Any other failure: the stored hash has an unknown format, or the hasher is shut down.
    #[error("the password hasher failed")]
    Other(#[source] Box<dyn Error + Send + Sync>),
}

/// Hashes passwords with a slow algorithm, on a bounded number of threads of its own.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Returns a salted hash. It depends on every character of the password.
    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherError>;

    /// Whether `attempt` matches `hash`; `false` without a hash.
    ///
    /// The work is the same with and without a hash, whatever the hash's cost: that of a new hash, or of the highest
    /// [`PasswordCosts`]. So the duration reveals neither whether an account exists nor how old its hash is.
    async fn verify(&self, attempt: PasswordAttempt, hash: Option<PasswordHash>) -> Result<bool, HasherError>;

    /// Rehashes a password that `hash` was just verified with. `Ok(None)` if `hash` has the format and cost of
    /// [`hash`](Self::hash).
    async fn renew(&self, attempt: PasswordAttempt, hash: PasswordHash) -> Result<Option<PasswordHash>, HasherError>;
}

/// Reads the costs of stored hashes.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PasswordCosts: Send + Sync {
    /// Returns the highest bcrypt cost (the binary logarithm of the rounds) of any stored hash, `None` without any. It
    /// is called before each verification and must be fast with any number of accounts.
    async fn highest(&self) -> Result<Option<u32>, RepositoryError>;
}
