//! Tasks. Every read is one query, which includes what the policy needs.

mod assignee;
mod attached;
mod bounded;
mod create;
mod delete;
mod filters;
pub(in super::super) mod find;
pub(in super::super) mod found;
mod fragment;
mod frequent;
mod gap;
mod hierarchy;
mod in_project;
mod list_query;
mod matches;
mod order;
pub(in super::super) mod pages;
mod ranges;
pub(in super::super) mod row;
mod save;
mod select;
mod source;
mod under;
pub(super) mod views;

use super::{Database, Error, schema::projects, views::membership};
use async_trait::async_trait;
use diesel::{Queryable, Selectable};
use fasttrack_domain::{
    id::{ProjectId, TaskId, UserId},
    idempotency::Idempotency,
    ports::{
        RepositoryError,
        task::{self, ProjectTasks},
    },
    task::{
        BulkTasks, Gap, LineageRequest, Lineages, NewTask, Place, Task, TaskChange, TaskInProject, TaskPage,
        TaskPageRequest, TaskProject, TaskQuery, TaskRemoval,
    },
    text::ProjectName,
};
use find::{FindProject, FindTask};
use pages::FindPage;

/// Stores tasks.
#[derive(Clone)]
pub struct TaskRepository {
    database: Database,
}

impl TaskRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = projects)]
pub(crate) struct ProjectRow {
    id: i64,
    name: String,
    owner_id: i64,
    status: String,
    active_webhooks: i64,
}

impl ProjectRow {
    /// The project for a reader with this role.
    pub(super) fn entity(self, role: Option<String>) -> Result<TaskProject, Error> {
        let corrupt = Error::corrupt("projects", self.id);
        Ok(TaskProject {
            id: ProjectId::new(self.id),
            name: ProjectName::parse(self.name).map_err(&corrupt)?,
            owner_id: UserId::new(self.owner_id),
            status: self.status.parse().map_err(&corrupt)?,
            membership: membership(self.id, role)?,
            has_webhooks: self.active_webhooks > 0,
        })
    }
}

// @spec SPEC-008
// @norm NORM-DATA-001
// @norm NORM-ARCH-003
#[async_trait]
impl task::TaskRepository for TaskRepository {
    async fn find_project(&self, id: ProjectId, reader: UserId) -> Result<Option<TaskProject>, RepositoryError> {
        self.database.grouped(FindProject { id, reader }, |wanted| find::project(&self.database, wanted)).await
    }

    async fn create(&self, task: NewTask, idempotency: Option<Idempotency>) -> Result<Task, RepositoryError> {
        create::create(&self.database, task, idempotency).await
    }

    async fn create_all(
        &self,
        tasks: Vec<NewTask>,
        idempotency: Option<Idempotency>,
    ) -> Result<Vec<Task>, RepositoryError> {
        create::create_all(&self.database, tasks, idempotency).await
    }

    async fn find(&self, id: TaskId, reader: UserId) -> Result<Option<TaskInProject>, RepositoryError> {
        self.database.grouped(FindTask { id, reader }, |wanted| find::task(&self.database, wanted)).await
    }

    async fn find_in_project(
        &self,
        project: ProjectId,
        ids: Vec<TaskId>,
        reader: UserId,
    ) -> Result<Option<BulkTasks>, RepositoryError> {
        self.database.read(async move |conn| in_project::find_in_project(conn, project, ids, reader).await).await
    }

    async fn find_lineages(&self, project: ProjectId, request: LineageRequest) -> Result<Lineages, RepositoryError> {
        self.database.read(async move |conn| hierarchy::find_lineages(conn, project, &request).await).await
    }

    async fn find_gap(&self, project: ProjectId, moved: TaskId, place: Place) -> Result<Option<Gap>, RepositoryError> {
        self.database.read(async move |conn| gap::find_gap(conn, project, moved, place).await).await
    }

    async fn list_in_project(
        &self,
        project: ProjectId,
        reader: UserId,
        query: TaskQuery,
        page: TaskPageRequest,
    ) -> Result<Option<ProjectTasks>, RepositoryError> {
        let find = FindPage { project, reader, page };
        let is_of_all = query == TaskQuery::default();
        let read = |find| self.database.read(async move |conn| pages::in_project(conn, &find, &query).await);
        if is_of_all { self.database.grouped(find, read).await } else { read(find).await }
    }

    async fn list_assigned(
        &self,
        assignee: UserId,
        query: TaskQuery,
        page: TaskPageRequest,
    ) -> Result<TaskPage, RepositoryError> {
        self.database.read(async move |conn| pages::assigned(conn, assignee, &query, &page).await).await
    }

    async fn list_visible(
        &self,
        reader: UserId,
        all: bool,
        query: TaskQuery,
        page: TaskPageRequest,
    ) -> Result<TaskPage, RepositoryError> {
        self.database.read(async move |conn| pages::visible(conn, reader, all, &query, &page).await).await
    }

    async fn save(&self, change: TaskChange) -> Result<Option<Task>, RepositoryError> {
        save::save(&self.database, change).await
    }

    async fn save_all(&self, changes: Vec<TaskChange>) -> Result<Option<Vec<Task>>, RepositoryError> {
        save::save_all(&self.database, changes).await
    }

    async fn delete(&self, removal: TaskRemoval) -> Result<bool, RepositoryError> {
        delete::delete(&self.database, removal).await
    }
}
