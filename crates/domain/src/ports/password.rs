//! Hashing of passwords.

use super::RepositoryError;
use crate::password::{Password, PasswordAttempt, PasswordHash};
use async_trait::async_trait;
use std::{error::Error, time::Duration};

/// Why a password was neither hashed nor compared.
#[derive(Debug, thiserror::Error)]
pub enum HasherError {
    /// Too many passwords wait already.
    #[error("too many passwords are waiting to be hashed")]
    Overloaded {
        /// When to come again.
        retry_after: Duration,
    },
    /// Anything else: a stored hash of no known form, a hasher that is shut down.
    #[error("the password hasher failed")]
    Other(#[source] Box<dyn Error + Send + Sync>),
}

/// Hashes passwords slowly, without holding up anything else: in a bounded place of its own.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// A salted hash. Every character of the password counts.
    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherError>;

    /// Whether `attempt` is the password behind `hash`; without a hash the answer is no.
    ///
    /// It takes the same work whatever the hash is, and without one: as much as a new hash takes, or the costliest of
    /// [`PasswordCosts`]. So the time shows neither whether an account exists nor how old its hash is.
    async fn verify(&self, attempt: PasswordAttempt, hash: Option<PasswordHash>) -> Result<bool, HasherError>;

    /// A hash to keep in place of `hash`, whose password `attempt` was just found to be. `Ok(None)` where `hash` is of
    /// the form and cost that [`hash`](Self::hash) makes.
    async fn renew(&self, attempt: PasswordAttempt, hash: PasswordHash) -> Result<Option<PasswordHash>, HasherError>;
}

/// What verifying the stored hashes costs.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PasswordCosts: Send + Sync {
    /// The highest bcrypt cost (the binary logarithm of the rounds) of any stored hash; `None` where there is no bcrypt
    /// hash. Asked before each verification, so it must be quick however many accounts there are.
    async fn highest(&self) -> Result<Option<u32>, RepositoryError>;
}
