//! Tasks. Every read is one query, which includes what the policy needs.

mod assignee;
mod pages;
mod ranges;
mod row;

use super::{
    Database, Error, audit, event, quota,
    schema::{members, projects, tasks, users},
    views::membership,
};
use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    Queryable, Selectable, SelectableHelper, delete,
};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{
    id::{ProjectId, TaskId, UserId},
    idempotency::Idempotency,
    page::{Page, PageRequest},
    ports::{
        RepositoryError,
        task::{self, ProjectTasks},
    },
    task::{NewTask, Task, TaskChange, TaskFilter, TaskInProject, TaskProject, TaskRemoval, TaskView},
    text::ProjectName,
};
use row::TaskRow;

/// A task, its project, the reader's role and the assignee's name.
type FoundRow = (TaskRow, ProjectRow, Option<String>, Option<String>);

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
    /// The project for a reader with this role.
    fn entity(self, role: Option<String>) -> Result<TaskProject, Error> {
        let corrupt = Error::corrupt("projects", self.id);
        Ok(TaskProject {
            id: ProjectId::new(self.id),
            name: ProjectName::parse(self.name).map_err(&corrupt)?,
            owner_id: UserId::new(self.owner_id),
            status: self.status.parse().map_err(&corrupt)?,
            membership: membership(self.id, role)?,
        })
    }
}

// @spec SPEC-008
// @norm NORM-DATA-001
// @norm NORM-ARCH-003
#[async_trait]
impl task::TaskRepository for TaskRepository {
    async fn find_project(&self, id: ProjectId, reader: UserId) -> Result<Option<TaskProject>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let of_reader = members::project_id.eq(projects::id).and(members::user_id.eq(reader.get()));
                let query = projects::table
                    .left_join(members::table.on(of_reader))
                    .filter(projects::id.eq(id.get()))
                    .select((ProjectRow::as_select(), members::role.nullable()));
                let found: Option<(ProjectRow, Option<String>)> = query.first(conn).await.optional()?;
                found.map(|(project, role)| project.entity(role)).transpose()
            })
            .await
    }

    async fn create(&self, task: NewTask, idempotency: Option<Idempotency>) -> Result<Task, RepositoryError> {
        row::create(&self.database, task, idempotency).await
    }

    async fn find(&self, id: TaskId, reader: UserId) -> Result<Option<TaskInProject>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let of_reader = members::project_id.eq(tasks::project_id).and(members::user_id.eq(reader.get()));
                let row = (
                    TaskRow::as_select(),
                    ProjectRow::as_select(),
                    members::role.nullable(),
                    users::display_name.nullable(),
                );
                let query = tasks::table
                    .inner_join(projects::table)
                    .left_join(members::table.on(of_reader))
                    .left_join(users::table.on(users::id.nullable().eq(tasks::assignee_id)))
                    .filter(tasks::id.eq(id.get()))
                    .select(row);
                let found: Option<FoundRow> = query.first(conn).await.optional()?;
                let Some((task, project, role, assignee)) = found else { return Ok(None) };
                let (TaskView { task, assignee }, project) = (task.view(assignee)?, project.entity(role)?);
                Ok(Some(TaskInProject { task, assignee, project }))
            })
            .await
    }

    async fn list_in_project(
        &self,
        project: ProjectId,
        reader: UserId,
        filter: TaskFilter,
        page: PageRequest,
    ) -> Result<Option<ProjectTasks>, RepositoryError> {
        self.database.read(async move |conn| pages::in_project(conn, project, reader, &filter, &page).await).await
    }

    async fn list_assigned(
        &self,
        assignee: UserId,
        filter: TaskFilter,
        page: PageRequest,
    ) -> Result<Page<TaskView>, RepositoryError> {
        if filter.assignee_id.is_some_and(|other| other != assignee) {
            return Ok(Page { items: Vec::new(), next: None });
        }
        self.database.read(async move |conn| pages::assigned(conn, assignee, &filter, &page).await).await
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
