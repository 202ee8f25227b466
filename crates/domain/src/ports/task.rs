//! Storage of tasks.

use super::RepositoryError;
use crate::{
    id::{ProjectId, TaskId, UserId},
    idempotency::Idempotency,
    membership::MemberRole,
    page::{Page, PageRequest},
    task::{NewTask, Task, TaskChange, TaskFilter, TaskInProject, TaskProject, TaskRemoval, TaskView},
};
use async_trait::async_trait;

/// A page of a project's tasks, with the reader's role that the policy needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectTasks {
    pub membership: Option<MemberRole>,
    pub page: Page<TaskView>,
}

/// Stores tasks. See the promises of [`ports`](super).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TaskRepository: Send + Sync {
    /// Returns the part of the project that decisions of `reader` on its tasks need. This is one query by indexes.
    async fn find_project(&self, id: ProjectId, reader: UserId) -> Result<Option<TaskProject>, RepositoryError>;

    /// Creates a task of version 1, and commits [`NewTask::events`] and the idempotency record with it.
    ///
    /// - `Conflict` with [`constraint::REFERENCE`](super::constraint::REFERENCE) if project or assignee don't exist. An
    ///   erased user doesn't: no task is assigned to one once its erasure has begun.
    /// - `Conflict` with [`constraint::QUOTA`](super::constraint::QUOTA) if the project has [`NewTask::quota`] tasks.
    ///   Concurrent calls can't exceed it.
    async fn create(&self, task: NewTask, idempotency: Option<Idempotency>) -> Result<Task, RepositoryError>;

    /// Returns the task, its assignee, its project and the role of `reader` from one snapshot, by one query.
    async fn find(&self, id: TaskId, reader: UserId) -> Result<Option<TaskInProject>, RepositoryError>;

    /// Returns a page of the project's tasks with their assignees; `Ok(None)` if the project doesn't exist. This is one
    /// query. The number of rows that are read depends on the page's length only, however many tasks the filter
    /// excludes.
    async fn list_in_project(
        &self,
        project: ProjectId,
        reader: UserId,
        filter: TaskFilter,
        page: PageRequest,
    ) -> Result<Option<ProjectTasks>, RepositoryError>;

    /// Returns a page of the user's assigned tasks in all projects. As many rows are read as by
    /// [`list_in_project`](Self::list_in_project), by one query.
    async fn list_assigned(
        &self,
        assignee: UserId,
        filter: TaskFilter,
        page: PageRequest,
    ) -> Result<Page<TaskView>, RepositoryError>;

    /// Saves a change and its events. `Ok(None)` if another version is stored. `Conflict` with
    /// [`constraint::REFERENCE`](super::constraint::REFERENCE) if the change assigns the task to a user who doesn't exist,
    /// as for [`create`](Self::create).
    async fn save(&self, change: TaskChange) -> Result<Option<Task>, RepositoryError>;

    /// Deletes the task with its comments, and commits the events. `Ok(false)` if another version is stored.
    async fn delete(&self, removal: TaskRemoval) -> Result<bool, RepositoryError>;
}
