//! The index that tasks are searched by. [`TaskRepository`](super::task::TaskRepository) writes words and searches them.

use super::RepositoryError;
use crate::id::TaskId;
use async_trait::async_trait;

/// The result of a call that wrote words anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RewrittenWords {
    /// The number of tasks.
    pub tasks: u64,
    /// The highest id among them.
    pub last: TaskId,
}

/// Writes words that other releases didn't write, or wrote otherwise.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SearchRepository: Send + Sync {
    /// Writes the words of up to `limit` tasks whose words are of another version of the task, or missing, and returns
    /// the number of these tasks. Where there is none, nothing is locked or written. This is one query by an index.
    async fn fill(&self, limit: u32) -> Result<u64, RepositoryError>;

    /// Writes the words of up to `limit` tasks anew, those with the lowest ids above `after`, and deletes what the index
    /// has of ids among them that are no task. `Ok(None)` if there is no task above `after`. Concurrent writes are allowed: no
    /// words of an older version replace those of a newer one.
    async fn rewrite(&self, after: TaskId, limit: u32) -> Result<Option<RewrittenWords>, RepositoryError>;
}
