//! Storage of comments.

use super::RepositoryError;
use crate::{
    audit::AuditEntry,
    comment::{Comment, NewComment},
    id::{CommentId, TaskId, UserId},
    idempotency::Idempotency,
    page::{Page, PageRequest},
};
use async_trait::async_trait;

/// A page of a task's comments, with the users that the policy needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskComments {
    /// The owner of the task's project.
    pub owner_id: UserId,
    pub assignee_id: Option<UserId>,
    pub page: Page<Comment>,
}

/// Stores comments. See the promises of [`ports`](super).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CommentRepository: Send + Sync {
    /// Creates a comment and commits [`NewComment::events`] and the idempotency record with it.
    ///
    /// - `Conflict` with [`constraint::REFERENCE`](super::constraint::REFERENCE) if the task doesn't exist.
    /// - `Conflict` with [`constraint::QUOTA`](super::constraint::QUOTA) if the task has [`NewComment::quota`]
    ///   comments. Concurrent calls can't exceed it.
    async fn create(&self, comment: NewComment, idempotency: Option<Idempotency>) -> Result<Comment, RepositoryError>;

    async fn find(&self, id: CommentId) -> Result<Option<Comment>, RepositoryError>;

    /// Returns a page of the task's comments; `Ok(None)` if the task doesn't exist.
    async fn list_on_task(&self, task: TaskId, page: PageRequest) -> Result<Option<TaskComments>, RepositoryError>;

    /// Deletes the comment and commits the audit entry with the deletion. `Ok(false)` if the comment doesn't exist.
    async fn delete(&self, id: CommentId, audit: Option<AuditEntry>) -> Result<bool, RepositoryError>;
}
