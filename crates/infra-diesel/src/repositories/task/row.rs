//! Here are the columns of a task: how a row is read, created and saved.

use super::{
    super::{
        Cached, Database, Error, Lock, SqlTimestamp, audit, dialect, event, idempotency, member, quota, recorded,
        schema::tasks, views::person,
    },
    assignee::Assignee,
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, insert_into, update};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{
    audit::AuditObject,
    id::{ProjectId, TaskId, UserId},
    idempotency::Idempotency,
    ports::{RepositoryError, constraint},
    task::{NewTask, Task, TaskChange, TaskView},
    text::{Description, TaskTitle},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = tasks)]
pub(super) struct TaskRow {
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
    pub(super) fn entity(self) -> Result<Task, Error> {
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

    /// The task with its assignee, who has this name.
    pub(super) fn view(self, assignee: Option<String>) -> Result<TaskView, Error> {
        let assignee = self.assignee_id.zip(assignee).map(|(id, name)| person(id, name)).transpose()?;
        Ok(TaskView { task: self.entity()?, assignee })
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
            tasks::assignee_id.eq(Assignee::of_new($task.assignee_id)),
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
                tasks::assignee_id.eq(Assignee::of_stored($task.assignee_id)),
                tasks::updated_at.eq(SqlTimestamp($task.updated_at)),
                tasks::version.eq($task.version),
            ))
            .returning(tasks::id)
    };
}

/// See [`TaskRepository::create`](fasttrack_domain::ports::task::TaskRepository::create).
pub(super) async fn create(
    database: &Database,
    task: NewTask,
    idempotency: Option<Idempotency>,
) -> Result<Task, RepositoryError> {
    if task.audit.is_none() && idempotency.is_none() && task.held().is_none() {
        return database
            .write_statement(async move |conn| {
                let counter = quota::tasks_of(task.project.id.get(), task.quota);
                let row = row!(&task, recorded::counted(&counter));
                let insert = insert_into(tasks::table).values(row).returning(tasks::id);
                let events = |id| task.events(TaskId::new(id));
                let id = recorded::insert(conn, counter, insert, "{task,task_id}", events).await?;
                Ok(task.stored(TaskId::new(id)))
            })
            .await
            .inspect(event::notify(database));
    }
    database
        .write(async move |conn| {
            if task.assignee_id.is_some() {
                // Before the assignee's row, as an erasure does.
                dialect::lock(conn, Lock::Project(task.project.id.get())).await?;
            }
            if !member::is_held(conn, task.project.id, task.held()).await? {
                return Err(Error::Conflict(constraint::REFERENCE));
            }
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
        .inspect(event::notify(database))
}

/// See [`TaskRepository::save`](fasttrack_domain::ports::task::TaskRepository::save).
pub(super) async fn save(database: &Database, change: TaskChange) -> Result<Option<Task>, RepositoryError> {
    if change.audit.is_none() && change.held.is_none() {
        return database
            .write_statement(async move |conn| {
                let TaskChange { task, based_on, events, .. } = change;
                let is_saved = recorded::update(conn, statement!(&task, based_on), &events).await?;
                Ok(is_saved.then_some(task))
            })
            .await
            .inspect(event::notify(database));
    }
    database
        .write(async move |conn| {
            let TaskChange { task, based_on, held, events, audit } = change;
            if !member::is_held(conn, task.project_id, held).await? {
                return Ok((None, None));
            }
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
        .inspect(event::notify(database))
}
