//! Tasks. Every read is one query, which includes what the policy needs.

use super::{
    Cached, Connection, Database, Error, SqlTimestamp, audit, event, idempotency, quota, recorded,
    schema::{projects, tasks},
    task_ranges::FirstTasks,
};
use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, Queryable, Selectable,
    SelectableHelper, delete, insert_into, update,
};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{
    audit::AuditObject,
    id::{ProjectId, TaskId, UserId},
    idempotency::Idempotency,
    page::{Page, PageRequest},
    ports::{
        RepositoryError,
        task::{self, ProjectTasks},
    },
    task::{NewTask, Task, TaskChange, TaskFilter, TaskInProject, TaskProject, TaskRemoval},
    text::{Description, ProjectName, TaskTitle},
};

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
#[diesel(table_name = tasks)]
struct TaskRow {
    id: i64,
    project_id: i64,
    title: String,
    description: Option<String>,
    status: String,
    priority: String,
    assignee_id: Option<i64>,
    created_at: SqlTimestamp,
    updated_at: SqlTimestamp,
    version: i64,
}

impl TaskRow {
    fn entity(self) -> Result<Task, Error> {
        let corrupt = Error::corrupt("tasks", self.id);
        Ok(Task {
            id: TaskId::new(self.id),
            project_id: ProjectId::new(self.project_id),
            title: TaskTitle::parse(self.title).map_err(&corrupt)?,
            description: self.description.map(Description::parse).transpose().map_err(&corrupt)?,
            status: self.status.parse().map_err(&corrupt)?,
            priority: self.priority.parse().map_err(&corrupt)?,
            assignee_id: self.assignee_id.map(UserId::new),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            version: self.version,
        })
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

/// The columns of a new task. On PostgreSQL the id of the project can be an expression.
macro_rules! row {
    ($task:expr, $project:expr) => {
        (
            tasks::project_id.eq($project),
            tasks::title.eq($task.title.as_str()),
            tasks::description.eq($task.description.as_ref().map(Description::as_str)),
            tasks::status.eq($task.status.as_str()),
            tasks::priority.eq($task.priority.as_str()),
            tasks::assignee_id.eq($task.assignee_id.map(UserId::get)),
            tasks::created_at.eq(SqlTimestamp($task.created_at)),
            tasks::updated_at.eq(SqlTimestamp($task.created_at)),
            tasks::version.eq(1),
        )
    };
}

/// The update of a task that is stored in the version `based_on`. It returns the id.
macro_rules! statement {
    ($task:expr, $based_on:expr) => {
        update(tasks::table.find($task.id.get()))
            .filter(tasks::version.eq($based_on))
            .set((
                tasks::title.eq($task.title.as_str()),
                tasks::description.eq($task.description.as_ref().map(Description::as_str)),
                tasks::status.eq($task.status.as_str()),
                tasks::priority.eq($task.priority.as_str()),
                tasks::assignee_id.eq($task.assignee_id.map(UserId::get)),
                tasks::updated_at.eq(SqlTimestamp($task.updated_at)),
                tasks::version.eq($task.version),
            ))
            .returning(tasks::id)
    };
}

/// A page from up to [`PageRequest::fetch`] rows.
fn page_of(rows: impl IntoIterator<Item = TaskRow>, page: &PageRequest) -> Result<Page<Task>, Error> {
    let tasks = rows.into_iter().map(TaskRow::entity).collect::<Result<_, _>>()?;
    Ok(Page::from_fetched(tasks, page, |task: &Task| task.id.get()))
}

/// A page of all tasks of a project; `None` where there is no such project.
async fn all_in_project(
    conn: &mut Connection,
    project: ProjectId,
    page: &PageRequest,
) -> Result<Option<ProjectTasks>, Error> {
    // The cursor is a condition of the join, so that the project's row is found even where no task is.
    let on_page = tasks::project_id.eq(projects::id).and(tasks::id.gt(page.after_id()));
    let rows: Vec<(i64, Option<TaskRow>)> = projects::table
        .left_join(tasks::table.on(on_page))
        .filter(projects::id.eq(project.get()))
        .order(tasks::id)
        .limit(page.fetch())
        .select((projects::owner_id, Option::<TaskRow>::as_select()))
        .load(conn)
        .await?;
    let &[(owner, _), ..] = rows.as_slice() else { return Ok(None) };
    let page = page_of(rows.into_iter().filter_map(|(_, task)| task), page)?;
    Ok(Some(ProjectTasks { owner_id: UserId::new(owner), page }))
}

/// A page of the tasks that match a filter, of this project or of the filter's assignee.
async fn first(
    conn: &mut Connection,
    project: Option<ProjectId>,
    filter: &TaskFilter,
    page: &PageRequest,
) -> Result<Page<Task>, Error> {
    let query = FirstTasks::new(TaskRow::as_select(), project, filter, page);
    let rows = if query.is_empty() { Vec::new() } else { query.load::<TaskRow>(conn).await? };
    page_of(rows, page)
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
        if task.audit.is_none() && idempotency.is_none() {
            return self
                .database
                .write_statement(async move |conn| {
                    let counter = quota::tasks_of(task.project.id.get(), task.quota);
                    let row = row!(&task, recorded::counted(&counter));
                    let insert = insert_into(tasks::table).values(row).returning(tasks::id);
                    let events = |id| task.events(TaskId::new(id));
                    let id = recorded::insert(conn, counter, insert, "{task,task_id}", events).await?;
                    Ok(task.stored(TaskId::new(id)))
                })
                .await
                .inspect(event::notify(&self.database));
        }
        self.database
            .write(async move |conn| {
                let row = row!(&task, task.project.id.get());
                let id = insert_into(tasks::table).values(row).returning(tasks::id).get_result(conn).await?;
                let created = task.stored(TaskId::new(id));
                // Before the quota: where the same request has taken the last place, it is the record that is found.
                idempotency::record(conn, idempotency.as_ref(), || created.clone().into()).await?;
                event::record(conn, &task.events(created.id)).await?;
                let entry = audit::insert(conn, task.audit, Some(AuditObject::Task(created.id))).await?;
                quota::tasks_of(task.project.id.get(), task.quota).add(conn).await?;
                Ok((created, entry))
            })
            .await
            .map(audit::log_committed)
            .inspect(event::notify(&self.database))
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
        if change.audit.is_none() {
            return self
                .database
                .write_statement(async move |conn| {
                    let TaskChange { task, based_on, events, .. } = change;
                    let is_saved = recorded::update(conn, statement!(&task, based_on), &events).await?;
                    Ok(is_saved.then_some(task))
                })
                .await
                .inspect(event::notify(&self.database));
        }
        self.database
            .write(async move |conn| {
                let TaskChange { task, based_on, events, audit } = change;
                let saved: Option<i64> = Cached(statement!(&task, based_on)).get_result(conn).await.optional()?;
                if saved.is_none() {
                    return Ok((None, None));
                }
                event::record(conn, &events).await?;
                let entry = audit::insert(conn, audit, None).await?;
                Ok((Some(task), entry))
            })
            .await
            .map(audit::log_committed)
            .inspect(event::notify(&self.database))
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
