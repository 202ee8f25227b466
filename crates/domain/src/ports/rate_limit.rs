//! Counting what somebody asks for.

use super::RepositoryError;
use crate::{
    Timestamp,
    id::LoginAttemptId,
    rate_limit::{Network, Quota, Standing, Subject},
};
use async_trait::async_trait;

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
    async fn begin(&self, network: Network, quota: Quota, now: Timestamp) -> Result<LoginAttempt, RepositoryError>;

    /// Lets an attempt count no longer. One that doesn't exist is no error.
    async fn forgive(&self, id: LoginAttemptId) -> Result<(), RepositoryError>;

    /// Forgets attempts that began at `until` or before. How many.
    async fn delete_until(&self, until: Timestamp) -> Result<u64, RepositoryError>;
}
