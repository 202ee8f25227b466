//! Rate limits of requests and logins.

use super::RepositoryError;
use crate::{
    Timestamp,
    id::LoginAttemptId,
    rate_limit::{Network, Quota, RateLimitStatus, Subject},
};
use async_trait::async_trait;
use std::time::Duration;

/// Counts requests in a sliding window.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RateLimits: Send + Sync {
    /// Returns the quota of each subject.
    fn quota(&self) -> Quota;

    /// Counts a request of `subject`, unless the quota is used up within the window that ends now. Concurrent requests
    /// can't exceed it.
    ///
    /// Never fails: while the shared counter is unreachable, the adapter counts on its own.
    async fn hit(&self, subject: Subject) -> RateLimitStatus;

    /// Removes a hit of `subject` that was counted `age` ago, measured from before the call of [`hit`](Self::hit). A hit
    /// that is unknown or no longer counts is ignored. Never fails: at worst the hit counts until its window has passed.
    async fn remove_hit(&self, subject: Subject, age: Duration);
}

/// The result of counting a login attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginAttempt {
    /// The counted attempt; `None` if it was refused.
    pub id: Option<LoginAttemptId>,
    /// The state of the network's limit.
    pub status: RateLimitStatus,
}

/// Counts failed logins across all nodes. Each attempt counts as failed until it is forgiven.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait LoginAttempts: Send + Sync {
    /// Counts an attempt from `network` at `now`, unless `quota` is used up within the window that ends now. Concurrent
    /// attempts can't exceed it.
    ///
    /// Attempts later than [`Quota::end`] don't count: after a clock was set back, nobody is locked out for longer than
    /// two windows.
    async fn begin(&self, network: Network, quota: Quota, now: Timestamp) -> Result<LoginAttempt, RepositoryError>;

    /// Removes an attempt, as the login succeeded. An unknown id is ignored.
    async fn forgive(&self, id: LoginAttemptId) -> Result<(), RepositoryError>;

    /// Deletes attempts that began at `begin` or before, or after `end`, and returns their number.
    async fn delete_outside(&self, begin: Timestamp, end: Timestamp) -> Result<u64, RepositoryError>;
}
