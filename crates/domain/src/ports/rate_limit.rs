//! Counting what somebody asks for.

use super::RepositoryError;
use crate::{
    Timestamp,
    id::LoginAttemptId,
    rate_limit::{Network, Quota, Standing, Subject},
};
use async_trait::async_trait;
use std::time::Duration;

/// Counts requests.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RateLimits: Send + Sync {
    /// How many requests anybody may make.
    fn quota(&self) -> Quota;

    /// Counts a request of `subject`, unless it made as many as the quota allows within the window that ends now. Of
    /// simultaneous requests no more are allowed than of those that come one after the other.
    ///
    /// Never fails: who can't tell what others have counted goes by what it has counted itself.
    async fn hit(&self, subject: Subject) -> Standing;

    /// Takes back a hit of `subject` that was allowed `age` ago, measured from before it was made. A hit that isn't
    /// known, or counts no longer, is no error. Never fails: at worst the hit counts until its window has passed.
    async fn take_back(&self, subject: Subject, age: Duration);
}

/// What came of an attempt to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginAttempt {
    /// What counts now; `None` where the attempt was refused.
    pub id: Option<LoginAttemptId>,
    /// How the network stands.
    pub standing: Standing,
}

/// Counts logins for all nodes, as if they had failed until it turns out that they haven't.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait LoginAttempts: Send + Sync {
    /// Counts an attempt from `network` at `now`, unless as many count as `quota` allows within the window that ends now. Of
    /// any number of simultaneous attempts no more are counted.
    ///
    /// Attempts later than [`Quota::end`] don't count: a clock that was set back locks nobody out for longer than two
    /// windows.
    async fn begin(&self, network: Network, quota: Quota, now: Timestamp) -> Result<LoginAttempt, RepositoryError>;

    /// Lets an attempt count no longer. One that doesn't exist is no error.
    async fn forgive(&self, id: LoginAttemptId) -> Result<(), RepositoryError>;

    /// Deletes attempts that began at `begin` or before, or after `end`. How many.
    async fn delete_outside(&self, begin: Timestamp, end: Timestamp) -> Result<u64, RepositoryError>;
}
