//! Storage of comments.

use super::RepositoryError;
use crate::{
    comment::{Comment, CommentInProject, CommentRemoval, CommentView, NewComment},
    id::{CommentId, ProjectId, TaskId, UserId},
    idempotency::Idempotency,
    membership::MemberRole,
    page::{Page, PageRequest},
};
use async_trait::async_trait;

/// A page of a task's comments, with what the policy needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskComments {
    /// The task's project.
    pub project_id: ProjectId,
    /// The reader's role in that project.
    pub membership: Option<MemberRole>,
    pub assignee_id: Option<UserId>,
    pub page: Page<CommentView>,
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

    async fn find(&self, id: CommentId) -> Result<Option<CommentInProject>, RepositoryError>;

    /// Returns a page of the task's comments; `Ok(None)` if the task doesn't exist. This is one query by indexes.
    async fn list_on_task(
        &self,
        task: TaskId,
        reader: UserId,
        page: PageRequest,
    ) -> Result<Option<TaskComments>, RepositoryError>;

    /// Deletes the comment and commits the audit entry with the deletion. `Ok(false)` if the comment doesn't exist. Unlike
    /// other methods, this one finds out itself whether the project has an active webhook.
    async fn delete(&self, removal: CommentRemoval) -> Result<bool, RepositoryError>;
}
