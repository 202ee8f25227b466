//! Reading of what an export has beside the lists of other ports.

use super::RepositoryError;
use crate::{
    comment::CommentView,
    id::{CommentId, ProjectId, TaskId, UserId},
    identity::LinkedIdentity,
    page::{Page, PageRequest},
};
use async_trait::async_trait;

/// Reads a user's data for its export. The number of rows that a call reads depends on the length of its page only, but for
/// tasks without comments.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ExportRepository: Send + Sync {
    /// Returns the identities of the account by issuer and subject.
    async fn identities(&self, user: UserId) -> Result<Vec<LinkedIdentity>, RepositoryError>;

    /// Returns up to `limit` comments on the project's tasks after the comment `after` on its task, by ascending id of the
    /// task, then of the comment.
    async fn comments_in_project(
        &self,
        project: ProjectId,
        after: Option<(TaskId, CommentId)>,
        limit: u32,
    ) -> Result<Vec<CommentView>, RepositoryError>;

    /// Returns a page of the comments that the user wrote in projects of others.
    async fn comments_elsewhere(&self, author: UserId, page: PageRequest)
    -> Result<Page<CommentView>, RepositoryError>;
}
