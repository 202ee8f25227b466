//! Hashing of passwords.

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

    /// Whether `attempt` is the password behind `hash`. Without a hash the answer is no, after the same work: the
    /// time tells nobody whether an account exists.
    async fn verify(&self, attempt: PasswordAttempt, hash: Option<PasswordHash>) -> Result<bool, HasherError>;
}
