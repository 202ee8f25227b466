//! Storage of project statistics. [`Outbox`](super::outbox::Outbox) updates them.

use super::RepositoryError;
use crate::{
    id::{ProjectId, UserId},
    membership::MemberRole,
    statistics::ProjectStatistics,
};
use async_trait::async_trait;

/// A project's statistics, with the reader's role that the policy needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatisticsView {
    pub membership: Option<MemberRole>,
    pub statistics: ProjectStatistics,
}

/// Reads and rebuilds statistics.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait StatisticsRepository: Send + Sync {
    /// Returns the project's statistics, zeros without tasks; `Ok(None)` if the project doesn't exist.
    async fn find(&self, project: ProjectId, reader: UserId) -> Result<Option<StatisticsView>, RepositoryError>;

    /// Recounts the tasks of every project and the counters of quotas, and corrects those that differ. Concurrent
    /// writes are allowed: undispatched events are counted afterwards, once. Returns the number of corrected projects;
    /// `updated_at` of the others is unchanged.
    async fn rebuild(&self, now: crate::Timestamp) -> Result<u64, RepositoryError>;
}
