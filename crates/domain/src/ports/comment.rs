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

/// A page of a task's comments, with what is needed to decide who may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskComments {
    /// Whose project the task belongs to.
    pub owner_id: UserId,
    /// Who works on the task.
    pub assignee_id: Option<UserId>,
    /// Its comments.
    pub page: Page<Comment>,
}

/// Stores comments. See the promises of [`ports`](super).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CommentRepository: Send + Sync {
    /// Makes a comment, commits [`NewComment::events`] with it and remembers the request. `Conflict` with
    /// [`constraint::REFERENCE`](super::constraint::REFERENCE) where the task is gone, with
    /// [`constraint::QUOTA`](super::constraint::QUOTA) where the task has as many comments as [`NewComment::quota`]
    /// allows, also when several are made at once.
    async fn create(&self, comment: NewComment, idempotency: Option<Idempotency>) -> Result<Comment, RepositoryError>;

    /// The comment with this id.
    async fn find(&self, id: CommentId) -> Result<Option<Comment>, RepositoryError>;

    /// A page of the task's comments; `Ok(None)` where there is no such task.
    async fn list_on_task(&self, task: TaskId, page: PageRequest) -> Result<Option<TaskComments>, RepositoryError>;

    /// Deletes the comment, and commits a line of the audit with that. `Ok(false)` where there is none.
    async fn delete(&self, id: CommentId, audit: Option<AuditEntry>) -> Result<bool, RepositoryError>;
}
