//! Storage of tasks.

use super::RepositoryError;
use crate::{
    id::{ProjectId, TaskId, UserId},
    idempotency::Idempotency,
    membership::MemberRole,
    task::{
        BulkTasks, Gap, LineageRequest, Lineages, NewTask, Place, Task, TaskChange, TaskInProject, TaskPage,
        TaskPageRequest, TaskProject, TaskQuery, TaskRemoval,
    },
};
use async_trait::async_trait;

/// A page of a project's tasks, with the reader's role that the policy needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectTasks {
    pub membership: Option<MemberRole>,
    pub page: TaskPage,
}

/// Stores tasks. See the promises of [`ports`](super).
///
/// Every list orders by [`TaskSort::compare`](crate::task::TaskSort::compare), selects by
/// [`TaskFilter::matches`](crate::task::TaskFilter::matches), begins after the cursor, and is one query by indexes. It is
/// `Conflict` with [`constraint::ROWS_READ`](super::constraint::ROWS_READ) if it would have to read more than
/// [`MAX_ROWS_READ`](crate::task::MAX_ROWS_READ) rows for a page.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TaskRepository: Send + Sync {
    /// Returns the part of the project that decisions of `reader` on its tasks need. This is one query by indexes.
    async fn find_project(&self, id: ProjectId, reader: UserId) -> Result<Option<TaskProject>, RepositoryError>;

    /// Creates a task of version 1, and commits [`NewTask::events`], [`NewTask::words`] and the idempotency record with
    /// it.
    ///
    /// - `Conflict` with [`constraint::REFERENCE`](super::constraint::REFERENCE) if project or assignee don't exist, or a
    ///   label is none of the project. An erased user doesn't exist: no task is assigned to one once its erasure has begun.
    /// - `Conflict` with [`constraint::PARENT`](super::constraint::PARENT) if [`Lineages::check`] refuses the parent by what
    ///   is stored then. Concurrent calls can't make a task too deep.
    /// - `Conflict` with [`constraint::QUOTA`](super::constraint::QUOTA) if the project has [`NewTask::quota`] tasks.
    ///   Concurrent calls can't exceed it.
    async fn create(&self, task: NewTask, idempotency: Option<Idempotency>) -> Result<Task, RepositoryError>;

    /// Creates tasks of one project as [`create`](Self::create) does, all or none of them, with ids in the order of
    /// `tasks`.
    async fn create_all(
        &self,
        tasks: Vec<NewTask>,
        idempotency: Option<Idempotency>,
    ) -> Result<Vec<Task>, RepositoryError>;

    /// Returns the task, its assignee, its labels, its project and the role of `reader` from one snapshot, by one query.
    async fn find(&self, id: TaskId, reader: UserId) -> Result<Option<TaskInProject>, RepositoryError>;

    /// Returns those of these tasks that are in the project, from one snapshot; `Ok(None)` if the project doesn't exist.
    async fn find_in_project(
        &self,
        project: ProjectId,
        ids: Vec<TaskId>,
        reader: UserId,
    ) -> Result<Option<BulkTasks>, RepositoryError>;

    /// Returns where these tasks stand in the project's hierarchy, from one snapshot. Tasks of other projects are left
    /// out.
    async fn find_lineages(&self, project: ProjectId, request: LineageRequest) -> Result<Lineages, RepositoryError>;

    /// Returns the neighbors of a place in the order of the project's tasks, without `moved`, by one query; `Ok(None)` if
    /// the place is beside a task that isn't in the project.
    async fn find_gap(&self, project: ProjectId, moved: TaskId, place: Place) -> Result<Option<Gap>, RepositoryError>;

    /// Returns a page of the project's tasks with their assignees and labels; `Ok(None)` if the project doesn't exist.
    async fn list_in_project(
        &self,
        project: ProjectId,
        reader: UserId,
        query: TaskQuery,
        page: TaskPageRequest,
    ) -> Result<Option<ProjectTasks>, RepositoryError>;

    /// Returns a page of the user's assigned tasks in all projects.
    async fn list_assigned(
        &self,
        assignee: UserId,
        query: TaskQuery,
        page: TaskPageRequest,
    ) -> Result<TaskPage, RepositoryError>;

    /// Returns a page of the tasks that `reader` may read: those of projects that it is a member of, and those assigned to
    /// it. With `all`, those of all projects.
    async fn list_visible(
        &self,
        reader: UserId,
        all: bool,
        query: TaskQuery,
        page: TaskPageRequest,
    ) -> Result<TaskPage, RepositoryError>;

    /// Saves a change, its events and [`TaskChange::touched`]. `Ok(None)` if another version is stored.
    ///
    /// Labels and reminders are added and removed as [`TaskChange::labels`] and [`TaskChange::reminders`] say: a reminder
    /// that was given, or a label that was deleted, doesn't come back.
    ///
    /// - `Conflict` with [`constraint::REFERENCE`](super::constraint::REFERENCE) if the change assigns the task to a user
    ///   who doesn't exist, or adds a label that is none of the project.
    /// - `Conflict` with [`constraint::PARENT`](super::constraint::PARENT) if [`Lineages::check`] refuses
    ///   [`TaskChange::new_parent`] by what is stored then. Concurrent calls can't make a circle.
    /// - `Conflict` with [`constraint::POSITION`](super::constraint::POSITION) if another task has the new position.
    async fn save(&self, change: TaskChange) -> Result<Option<Task>, RepositoryError>;

    /// Saves changes of different tasks of one project as [`save`](Self::save) does, all or none of them, and returns the
    /// tasks in the order of `changes`. `Ok(None)` if another version of one is stored.
    async fn save_all(&self, changes: Vec<TaskChange>) -> Result<Option<Vec<Task>>, RepositoryError>;

    /// Deletes the task, what is under it, and their comments, and commits the event of each:
    /// [`TaskRemoval::event`] and [`TaskRemoval::event_under`], and
    /// [`Touched::of_assigned`](crate::event::Touched::of_assigned) for those that are assigned. `Ok(false)` if another version
    /// is stored.
    async fn delete(&self, removal: TaskRemoval) -> Result<bool, RepositoryError>;
}
