//! Storage of the projects' statistics. They are kept up by [`Outbox`](super::outbox::Outbox).

use super::RepositoryError;
use crate::{
    id::{ProjectId, UserId},
    statistics::ProjectStatistics,
};
use async_trait::async_trait;

/// A project's statistics, with what is needed to decide who may see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedStatistics {
    /// Whose project it is.
    pub owner_id: UserId,
    /// Its statistics.
    pub statistics: ProjectStatistics,
}

/// Reads statistics, and computes them anew.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait StatisticsRepository: Send + Sync {
    /// The statistics of this project, zeros for one without tasks; `Ok(None)` where there is no such project.
    async fn find(&self, project: ProjectId) -> Result<Option<OwnedStatistics>, RepositoryError>;

    /// Counts the tasks of every project and corrects what differs, also while others write: events that wait in the
    /// outbox still count afterwards, once. How many projects were corrected; `updated_at` of the others stays.
    /// Also counts anew what creations are held against by their quotas.
    async fn rebuild(&self, now: crate::Timestamp) -> Result<u64, RepositoryError>;
}
