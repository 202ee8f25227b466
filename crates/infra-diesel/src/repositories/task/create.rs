//! Creates tasks.

use super::{
    super::{Connection, Database, Error, Lock, audit, dialect, event, idempotency, member, quota, webhook::record},
    assignee, attached, hierarchy, row,
};
use fasttrack_domain::{
    audit::{AuditEntry, AuditObject},
    event::Change,
    id::TaskId,
    idempotency::Idempotency,
    ports::{RepositoryError, constraint},
    task::{NewTask, Task},
};
use std::slice;

/// Whether the task is a row that nothing has to be checked for.
fn is_plain(task: &NewTask) -> bool {
    task.audit.is_none()
        && !task.is_watched()
        && task.held().is_none()
        && task.parent_id.is_none()
        && task.labels.as_slice().is_empty()
        && task.reminders.as_slice().is_empty()
}

// @spec SPEC-022
/// See [`TaskRepository::create`](fasttrack_domain::ports::task::TaskRepository::create).
pub(super) async fn create(
    database: &Database,
    task: NewTask,
    idempotency: Option<Idempotency>,
) -> Result<Task, RepositoryError> {
    if idempotency.is_none() && is_plain(&task) {
        return database.grouped(task, |task| insert_plain(database, task)).await.inspect(event::notify(database));
    }
    database
        .write(async move |conn| insert(conn, task, idempotency.as_ref()).await)
        .await
        .map(audit::log_committed)
        .inspect(event::notify(database))
}

async fn insert_plain(database: &Database, task: NewTask) -> Result<Task, RepositoryError> {
    database
        .write_statement(async move |conn| {
            let id = row::insert_recorded(conn, &task).await?;
            Ok(task.stored(TaskId::new(id)))
        })
        .await
}

/// Returns the audit entry for [`log_committed`](audit::log_committed), too.
async fn insert(
    conn: &mut Connection,
    task: NewTask,
    idempotency: Option<&Idempotency>,
) -> Result<(Task, Option<AuditEntry>), Error> {
    let project = task.project.id;
    if task.assignee_id.is_some() || task.parent_id.is_some() || !task.labels.as_slice().is_empty() {
        // Before the rows of the assignee and of labels, as an erasure and the deletion of a label do.
        dialect::lock(conn, Lock::Project(project.get())).await?;
    }
    if !member::is_held(conn, project, task.held()).await? {
        return Err(Error::Conflict(constraint::REFERENCE));
    }
    if let Some(parent) = task.parent_id {
        hierarchy::check(conn, project, &[(parent, None)]).await?;
    }
    let id = row::insert(conn, &task).await?;
    let created = task.stored(TaskId::new(id));
    // Before the quota: where the same request has taken the last place, it is the record that is found.
    idempotency::record(conn, idempotency, || created.clone().into()).await?;
    attached::insert(conn, project, slice::from_ref(&created)).await?;
    event::record(conn, &task.events(created.id)).await?;
    if task.is_watched() {
        record::tasks(conn, &[id], task.created_by, Change::TaskCreated).await?;
    }
    let entry = audit::insert(conn, task.audit, Some(AuditObject::Task(created.id))).await?;
    quota::tasks_of(project.get(), task.quota).add(conn).await?;
    Ok((created, entry))
}

// @spec SPEC-022
/// See [`TaskRepository::create_all`](fasttrack_domain::ports::task::TaskRepository::create_all).
pub(super) async fn create_all(
    database: &Database,
    tasks: Vec<NewTask>,
    idempotency: Option<Idempotency>,
) -> Result<Vec<Task>, RepositoryError> {
    database
        .write(async move |conn| insert_all(conn, tasks, idempotency.as_ref()).await)
        .await
        .map(audit::log_committed)
        .inspect(event::notify(database))
}

/// Returns the audit entries for [`log_committed`](audit::log_committed), too.
async fn insert_all(
    conn: &mut Connection,
    new: Vec<NewTask>,
    idempotency: Option<&Idempotency>,
) -> Result<(Vec<Task>, Vec<AuditEntry>), Error> {
    let Some(first) = new.first() else { return Ok((Vec::new(), Vec::new())) };
    let (project, quota) = (first.project.id, first.quota);
    let watched_actor = first.is_watched().then_some(first.created_by);
    dialect::lock(conn, Lock::Project(project.get())).await?;
    if !assignee::are_held(conn, project, new.iter().filter_map(NewTask::held).collect()).await? {
        return Err(Error::Conflict(constraint::REFERENCE));
    }
    let assignees: Vec<_> = new.iter().filter_map(|task| task.assignee_id).collect();
    let existing = assignee::existing(conn, assignees.iter().copied().collect()).await?;
    if !assignees.iter().all(|id| existing.contains(id)) {
        return Err(Error::Conflict(constraint::REFERENCE));
    }
    let placed: Vec<_> = new.iter().filter_map(|task| Some((task.parent_id?, None))).collect();
    hierarchy::check(conn, project, &placed).await?;

    let ids = row::insert_all(conn, &new).await?;
    let created: Vec<_> = new.iter().zip(&ids).map(|(task, id)| task.stored(TaskId::new(*id))).collect();
    idempotency::record(conn, idempotency, || created.clone().into()).await?;
    attached::insert(conn, project, &created).await?;
    let (mut events, mut entries) = (Vec::with_capacity(new.len()), Vec::new());
    for (task, created) in new.into_iter().zip(&created) {
        events.extend(task.events(created.id));
        entries.extend(task.audit.map(|entry| entry.with_object(AuditObject::Task(created.id))));
    }
    event::record_all(conn, &events).await?;
    if let Some(actor) = watched_actor {
        record::tasks(conn, &ids, actor, Change::TaskCreated).await?;
    }
    let entries = audit::insert_all(conn, entries).await?;
    quota::tasks_of(project.get(), quota).times(created.len()).add(conn).await?;
    Ok((created, entries))
}
