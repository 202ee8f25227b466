//! Storage of tasks.

use super::RepositoryError;
use crate::{
    id::{ProjectId, TaskId, UserId},
    idempotency::Idempotency,
    page::{Page, PageRequest},
    task::{NewTask, Task, TaskChange, TaskFilter, TaskInProject, TaskProject, TaskRemoval},
};
use async_trait::async_trait;

/// A page of a project's tasks, with what is needed to decide who may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectTasks {
    /// Whose project it is.
    pub owner_id: UserId,
    /// Its tasks.
    pub page: Page<Task>,
}

/// Stores tasks. See the promises of [`ports`](super).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TaskRepository: Send + Sync {
    /// The project with this id, as far as tasks depend on it.
    async fn find_project(&self, id: ProjectId) -> Result<Option<TaskProject>, RepositoryError>;

    /// Makes a task of version 1, commits [`NewTask::events`] with it and remembers the request. `Conflict` with
    /// [`constraint::REFERENCE`](super::constraint::REFERENCE) where project or assignee are gone.
    async fn create(&self, task: NewTask, idempotency: Option<Idempotency>) -> Result<Task, RepositoryError>;

    /// The task with this id and its project, read in one moment.
    async fn find(&self, id: TaskId) -> Result<Option<TaskInProject>, RepositoryError>;

    /// A page of the project's tasks; `Ok(None)` where there is no such project.
    async fn list_in_project(
        &self,
        project: ProjectId,
        filter: TaskFilter,
        page: PageRequest,
    ) -> Result<Option<ProjectTasks>, RepositoryError>;

    /// A page of tasks, whatever their project.
    async fn list(&self, filter: TaskFilter, page: PageRequest) -> Result<Page<Task>, RepositoryError>;

    /// Commits a change with its events. `Ok(None)` where another version stands.
    async fn save(&self, change: TaskChange) -> Result<Option<Task>, RepositoryError>;

    /// Deletes the task with its comments, and commits the events. `Ok(false)` where another version stands.
    async fn delete(&self, removal: TaskRemoval) -> Result<bool, RepositoryError>;
}
