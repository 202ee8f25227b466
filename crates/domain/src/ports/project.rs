//! Storage of projects.

use super::RepositoryError;
use crate::{
    audit::AuditEntry,
    id::{ProjectId, UserId},
    idempotency::Idempotency,
    page::{Page, PageRequest},
    project::{NewProject, Project, ProjectChange, ProjectFilter},
};
use async_trait::async_trait;

/// Stores projects. See the promises of [`ports`](super).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ProjectRepository: Send + Sync {
    /// Makes an active project of version 1, and remembers the request. `Conflict` with
    /// [`constraint::QUOTA`](super::constraint::QUOTA) where the owner has as many projects as [`NewProject::quota`]
    /// allows, also when several are made at once.
    async fn create(&self, project: NewProject, idempotency: Option<Idempotency>) -> Result<Project, RepositoryError>;

    /// The project with this id.
    async fn find(&self, id: ProjectId) -> Result<Option<Project>, RepositoryError>;

    /// A page of projects.
    async fn list(&self, filter: ProjectFilter, page: PageRequest) -> Result<Page<Project>, RepositoryError>;

    /// Commits a change. `Ok(None)` where another version stands.
    async fn save(&self, change: ProjectChange) -> Result<Option<Project>, RepositoryError>;

    /// Deletes the project with its tasks and their comments, and commits a line of the audit with that. `Ok(false)` where
    /// another version stands.
    async fn delete(&self, id: ProjectId, based_on: i64, audit: Option<AuditEntry>) -> Result<bool, RepositoryError>;

    /// The project that keeps the user's todos, whatever it is called by now. `Ok(None)` where none was made yet, or it
    /// was deleted.
    async fn find_inbox(&self, owner: UserId) -> Result<Option<Project>, RepositoryError>;

    /// Makes `project` as [`ProjectRepository::create`] does, and makes it its owner's Inbox. `Conflict` with
    /// [`constraint::INBOX`](super::constraint::INBOX) where there is one.
    async fn create_inbox(&self, project: NewProject) -> Result<Project, RepositoryError>;
}
