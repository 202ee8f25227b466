//! Tasks. Every read is one query, which includes what the policy needs.

mod pages;
mod ranges;
mod row;

use super::{
    Database, Error, audit, event, quota,
    schema::{projects, tasks},
};
use async_trait::async_trait;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper, delete};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{
    id::{ProjectId, TaskId, UserId},
    idempotency::Idempotency,
    page::{Page, PageRequest},
    ports::{
        RepositoryError,
        task::{self, ProjectTasks},
    },
    task::{NewTask, Task, TaskChange, TaskFilter, TaskInProject, TaskProject, TaskRemoval},
    text::ProjectName,
};
use pages::{all_in_project, first, page_of};
use row::TaskRow;

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
struct ProjectRow {
    id: i64,
    name: String,
    owner_id: i64,
    status: String,
}

impl ProjectRow {
    fn entity(self) -> Result<TaskProject, Error> {
        let corrupt = Error::corrupt("projects", self.id);
        Ok(TaskProject {
            id: ProjectId::new(self.id),
            name: ProjectName::parse(self.name).map_err(&corrupt)?,
            owner_id: UserId::new(self.owner_id),
            status: self.status.parse().map_err(&corrupt)?,
        })
    }
}

// @spec SPEC-008
// @norm NORM-DATA-001
// @norm NORM-ARCH-003
#[async_trait]
impl task::TaskRepository for TaskRepository {
    async fn find_project(&self, id: ProjectId) -> Result<Option<TaskProject>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let query = projects::table.find(id.get()).select(ProjectRow::as_select());
                query.first(conn).await.optional()?.map(ProjectRow::entity).transpose()
            })
            .await
    }

    async fn create(&self, task: NewTask, idempotency: Option<Idempotency>) -> Result<Task, RepositoryError> {
        row::create(&self.database, task, idempotency).await
    }

    async fn find(&self, id: TaskId) -> Result<Option<TaskInProject>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let query = tasks::table
                    .inner_join(projects::table)
                    .filter(tasks::id.eq(id.get()))
                    .select((TaskRow::as_select(), ProjectRow::as_select()));
                let found: Option<(TaskRow, ProjectRow)> = query.first(conn).await.optional()?;
                found
                    .map(|(task, project)| Ok(TaskInProject { task: task.entity()?, project: project.entity()? }))
                    .transpose()
            })
            .await
    }

    async fn list_in_project(
        &self,
        project: ProjectId,
        filter: TaskFilter,
        page: PageRequest,
    ) -> Result<Option<ProjectTasks>, RepositoryError> {
        self.database
            .read(async move |conn| {
                if filter == TaskFilter::default() {
                    return all_in_project(conn, project, &page).await;
                }
                let owner = projects::table.find(project.get()).select(projects::owner_id).first(conn).await;
                let Some(owner) = owner.optional()? else { return Ok(None) };
                let page = first(conn, Some(project), &filter, &page).await?;
                Ok(Some(ProjectTasks { owner_id: UserId::new(owner), page }))
            })
            .await
    }

    async fn list_assigned(
        &self,
        assignee: UserId,
        filter: TaskFilter,
        page: PageRequest,
    ) -> Result<Page<Task>, RepositoryError> {
        self.database
            .read(async move |conn| {
                if filter == TaskFilter::default() {
                    let query = tasks::table
                        .filter(tasks::assignee_id.eq(assignee.get()))
                        .filter(tasks::id.gt(page.after_id()))
                        .order(tasks::id)
                        .limit(page.fetch())
                        .select(TaskRow::as_select());
                    return page_of(query.load(conn).await?, &page);
                }
                if filter.assignee_id.is_some_and(|other| other != assignee) {
                    return Ok(Page { items: Vec::new(), next: None });
                }
                let filter = TaskFilter { assignee_id: Some(assignee), ..filter };
                first(conn, None, &filter, &page).await
            })
            .await
    }

    async fn save(&self, change: TaskChange) -> Result<Option<Task>, RepositoryError> {
        row::save(&self.database, change).await
    }

    async fn delete(&self, removal: TaskRemoval) -> Result<bool, RepositoryError> {
        self.database
            .write(async move |conn| {
                let project = quota::remove_task(conn, removal.id.get(), removal.based_on).await?;
                let Some(project) = project else { return Ok((false, None)) };
                let statement = delete(tasks::table.find(removal.id.get())).filter(tasks::version.eq(removal.based_on));
                if statement.execute(conn).await? == 0 {
                    // Another transaction changed or deleted it while this one waited for the project.
                    quota::tasks_of(project, u32::MAX).add(conn).await?;
                    return Ok((false, None));
                }
                event::record(conn, &removal.events).await?;
                Ok((true, audit::insert(conn, removal.audit, None).await?))
            })
            .await
            .map(audit::log_committed)
            .inspect(event::notify(&self.database))
    }
}
