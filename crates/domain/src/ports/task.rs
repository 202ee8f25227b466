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
    /// [`constraint::REFERENCE`](super::constraint::REFERENCE) where project or assignee are gone, with
    /// [`constraint::QUOTA`](super::constraint::QUOTA) where the project has as many tasks as [`NewTask::quota`] allows,
    /// also when several are made at once.
    async fn create(&self, task: NewTask, idempotency: Option<Idempotency>) -> Result<Task, RepositoryError>;

    /// The task with this id and its project, read in one moment.
    async fn find(&self, id: TaskId) -> Result<Option<TaskInProject>, RepositoryError>;

    /// A page of the project's tasks; `Ok(None)` where there is no such project. However many tasks there are that the
    /// filter leaves out, the number of rows that are looked at depends on the page's length alone.
    async fn list_in_project(
        &self,
        project: ProjectId,
        filter: TaskFilter,
        page: PageRequest,
    ) -> Result<Option<ProjectTasks>, RepositoryError>;

    /// A page of the tasks that are assigned to this user, whatever their project. As many rows are looked at as by
    /// [`list_in_project`](Self::list_in_project).
    async fn list_assigned(
        &self,
        assignee: UserId,
        filter: TaskFilter,
        page: PageRequest,
    ) -> Result<Page<Task>, RepositoryError>;

    /// Commits a change with its events. `Ok(None)` where another version stands.
    async fn save(&self, change: TaskChange) -> Result<Option<Task>, RepositoryError>;

    /// Deletes the task with its comments, and commits the events. `Ok(false)` where another version stands.
    async fn delete(&self, removal: TaskRemoval) -> Result<bool, RepositoryError>;
}
