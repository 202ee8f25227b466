//! Storage of projects.

use super::RepositoryError;
use crate::{
    Timestamp,
    audit::AuditEntry,
    id::{ProjectId, UserId},
    idempotency::Idempotency,
    membership::MemberRole,
    page::{Page, PageRequest},
    project::{NewProject, Project, ProjectChange, ProjectFilter, ProjectView},
};
use async_trait::async_trait;

/// Stores projects. See the promises of [`ports`](super).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ProjectRepository: Send + Sync {
    /// Creates an active project of version 1 with its owner as a member, and commits the idempotency record with it.
    ///
    /// - `Conflict` with [`constraint::REFERENCE`](super::constraint::REFERENCE) if the owner doesn't exist. An erased user
    ///   doesn't: it owns no project that was created once its erasure had begun.
    /// - `Conflict` with [`constraint::QUOTA`](super::constraint::QUOTA) if the owner has [`NewProject::quota`] projects.
    ///   Concurrent calls can't exceed it.
    async fn create(&self, project: NewProject, idempotency: Option<Idempotency>) -> Result<Project, RepositoryError>;

    /// Returns the project, with the role of `reader` from the same snapshot. This is one query by indexes.
    async fn find(&self, id: ProjectId, reader: UserId) -> Result<Option<ProjectView>, RepositoryError>;

    /// Returns those of these projects that exist, with the role of `reader` in each, by ascending id. This is one query
    /// by indexes.
    async fn roles(
        &self,
        ids: Vec<ProjectId>,
        reader: UserId,
    ) -> Result<Vec<(ProjectId, Option<MemberRole>)>, RepositoryError>;

    /// Returns a page of the projects that the filter selects, with the reader's role in each. This is one query by
    /// indexes.
    async fn list(&self, filter: ProjectFilter, page: PageRequest) -> Result<Page<ProjectView>, RepositoryError>;

    /// Saves a change. `Ok(None)` if another version is stored.
    async fn save(&self, change: ProjectChange) -> Result<Option<Project>, RepositoryError>;

    /// Deletes the project at `now` with its tasks and their comments, and commits the audit entry with the deletion.
    /// `Ok(false)` if another version is stored. Many deliveries of its webhooks are deleted in portions before, as long as
    /// this version is stored: where the call fails or another version is stored meanwhile, some of them may be deleted.
    async fn delete(
        &self,
        id: ProjectId,
        based_on: i64,
        now: Timestamp,
        audit: Option<AuditEntry>,
    ) -> Result<bool, RepositoryError>;

    /// Returns the user's Inbox as its owner sees it, under its present name. `Ok(None)` if it was never created or was
    /// deleted.
    async fn find_inbox(&self, owner: UserId) -> Result<Option<ProjectView>, RepositoryError>;

    /// Creates `project` as [`ProjectRepository::create`] does, and makes it its owner's Inbox. `Conflict` with
    /// [`constraint::INBOX`](super::constraint::INBOX) if there is one.
    async fn create_inbox(&self, project: NewProject) -> Result<Project, RepositoryError>;
}
