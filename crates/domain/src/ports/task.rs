//! Storage of tasks.

use super::RepositoryError;
use crate::{
    id::{ProjectId, TaskId, UserId},
    idempotency::Idempotency,
    page::{Page, PageRequest},
    task::{NewTask, Task, TaskChange, TaskFilter, TaskInProject, TaskProject, TaskRemoval},
};
use async_trait::async_trait;

/// A page of a project's tasks, with the owner that the policy needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectTasks {
    pub owner_id: UserId,
    pub page: Page<Task>,
}

/// Stores tasks. See the promises of [`ports`](super).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TaskRepository: Send + Sync {
    /// Returns the part of the project that decisions on its tasks need.
    async fn find_project(&self, id: ProjectId) -> Result<Option<TaskProject>, RepositoryError>;

    /// Creates a task of version 1, and commits [`NewTask::events`] and the idempotency record with it.
    ///
    /// - `Conflict` with [`constraint::REFERENCE`](super::constraint::REFERENCE) if project or assignee don't exist.
    /// - `Conflict` with [`constraint::QUOTA`](super::constraint::QUOTA) if the project has [`NewTask::quota`] tasks.
    ///   Concurrent calls can't exceed it.
    async fn create(&self, task: NewTask, idempotency: Option<Idempotency>) -> Result<Task, RepositoryError>;

    /// Returns the task and its project from one snapshot.
    async fn find(&self, id: TaskId) -> Result<Option<TaskInProject>, RepositoryError>;

    /// Returns a page of the project's tasks; `Ok(None)` if the project doesn't exist. The number of rows that are read
    /// depends on the page's length only, however many tasks the filter excludes.
    async fn list_in_project(
        &self,
        project: ProjectId,
        filter: TaskFilter,
        page: PageRequest,
    ) -> Result<Option<ProjectTasks>, RepositoryError>;

    /// Returns a page of the user's assigned tasks in all projects. As many rows are read as by
    /// [`list_in_project`](Self::list_in_project).
    async fn list_assigned(
        &self,
        assignee: UserId,
        filter: TaskFilter,
        page: PageRequest,
    ) -> Result<Page<Task>, RepositoryError>;

    /// Saves a change and its events. `Ok(None)` if another version is stored.
    async fn save(&self, change: TaskChange) -> Result<Option<Task>, RepositoryError>;

    /// Deletes the task with its comments, and commits the events. `Ok(false)` if another version is stored.
    async fn delete(&self, removal: TaskRemoval) -> Result<bool, RepositoryError>;
}
