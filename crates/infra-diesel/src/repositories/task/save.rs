//! Saves changes of tasks.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Connection, Database, Error, Lock, audit, dialect, event, member,
        schema::{projects, tasks},
        task_rows,
        webhook::record,
    },
    assignee, attached, hierarchy, row,
};
use diesel::{ExpressionMethods, QueryDsl};
use fasttrack_domain::{
    audit::AuditEntry,
    event::{Change, Touched},
    id::UserId,
    ports::{RepositoryError, constraint},
    task::{Task, TaskChange},
};
use std::{collections::HashMap, slice};

/// Whether the change is of the row alone, and nothing has to be checked for it.
fn is_plain(change: &TaskChange) -> bool {
    change.audit.is_none()
        && !change.is_watched
        && change.held.is_none()
        && change.new_parent.is_none()
        && change.labels.is_empty()
        && change.reminders.is_empty()
}

/// See [`TaskRepository::save`](fasttrack_domain::ports::task::TaskRepository::save).
pub(super) async fn save(database: &Database, change: TaskChange) -> Result<Option<Task>, RepositoryError> {
    if is_plain(&change) {
        return database.grouped(change, |change| save_plain(database, change)).await.inspect(event::notify(database));
    }
    database
        .write(async move |conn| update(conn, change).await)
        .await
        .map(audit::log_committed)
        .inspect(event::notify(database))
}

async fn save_plain(database: &Database, change: TaskChange) -> Result<Option<Task>, RepositoryError> {
    database
        .write_statement(async move |conn| {
            let is_saved = row::update_recorded(conn, &change).await?;
            Ok(is_saved.then_some(change.task))
        })
        .await
}

/// Returns the audit entry for [`log_committed`](audit::log_committed), too.
async fn update(conn: &mut Connection, change: TaskChange) -> Result<(Option<Task>, Option<AuditEntry>), Error> {
    let project = change.task.project_id;
    if !member::is_held(conn, project, change.held).await? {
        return Ok((None, None));
    }
    if let Some(parent) = change.new_parent {
        dialect::lock(conn, Lock::Project(project.get())).await?;
        hierarchy::check(conn, project, &[(parent, Some(change.task.id))]).await?;
    }
    if !row::update(conn, &change).await? {
        return Ok((None, None));
    }
    attached::change(conn, project, slice::from_ref(&change)).await?;
    event::record(conn, &change.events).await?;
    event::record(conn, change.touched().as_slice()).await?;
    if change.is_watched {
        record::tasks(conn, &[change.task.id.get()], change.actor_id, Change::TaskUpdated).await?;
    }
    let entry = audit::insert(conn, change.audit, None).await?;
    Ok((Some(change.task), entry))
}

// @spec SPEC-022
/// See [`TaskRepository::save_all`](fasttrack_domain::ports::task::TaskRepository::save_all).
pub(super) async fn save_all(
    database: &Database,
    changes: Vec<TaskChange>,
) -> Result<Option<Vec<Task>>, RepositoryError> {
    database
        .write(async move |conn| update_all(conn, changes).await)
        .await
        .map(audit::log_committed)
        .inspect(event::notify(database))
}

/// Returns the audit entries for [`log_committed`](audit::log_committed), too. Nothing is written where it returns `None`.
async fn update_all(
    conn: &mut Connection,
    changes: Vec<TaskChange>,
) -> Result<(Option<Vec<Task>>, Vec<AuditEntry>), Error> {
    let Some(first) = changes.as_slice().first() else { return Ok((Some(Vec::new()), Vec::new())) };
    let (project, watched_actor) = (first.task.project_id, first.is_watched.then_some(first.actor_id));
    if !assignee::are_held(conn, project, changes.iter().filter_map(|change| change.held).collect()).await? {
        return Ok((None, Vec::new()));
    }
    let placed = changes.iter().filter_map(|change| Some((change.new_parent?, Some(change.task.id))));
    let placed: Vec<_> = placed.collect();
    if placed.is_empty() {
        // The deletion of a project locks its tasks in any order, and is kept from beginning by this.
        let kept = projects::table.find(project.get()).select(projects::id);
        dialect::key_share!(kept).load::<i64>(conn).await?;
    } else {
        dialect::lock(conn, Lock::Project(project.get())).await?;
        hierarchy::check(conn, project, &placed).await?;
    }
    if !lock_all(conn, &changes).await? {
        return Ok((None, Vec::new()));
    }
    task_rows::update_all(conn, &changes).await?;
    attached::change(conn, project, &changes).await?;
    let touched = touched(&changes);
    let (mut saved, mut events, mut entries) = (Vec::with_capacity(changes.len()), Vec::new(), Vec::new());
    for change in changes {
        events.extend(change.events);
        entries.extend(change.audit);
        saved.push(change.task);
    }
    event::record_all(conn, &events).await?;
    event::record_all(conn, &touched).await?;
    if let Some(actor) = watched_actor {
        let ids: Vec<_> = saved.iter().map(|task| task.id.get()).collect();
        record::tasks(conn, &ids, actor, Change::TaskUpdated).await?;
    }
    let entries = audit::insert_all(conn, entries).await?;
    Ok((Some(saved), entries))
}

/// The events that [`TaskChange::touched`] returns for changes of one project, several tasks in one.
fn touched(changes: &[TaskChange]) -> Vec<Touched> {
    let (mut tasks, mut ended) = (Vec::new(), Vec::new());
    let Some(last) = changes.iter().max_by_key(|change| change.task.updated_at) else { return Vec::new() };
    for touched in changes.iter().filter_map(TaskChange::touched) {
        match touched.former_assignee {
            Some(assignee) => ended.extend(touched.things.into_iter().map(|task| (task, assignee))),
            None => tasks.extend(touched.things),
        }
    }
    let (project, at) = (last.task.project_id, last.task.updated_at);
    let mut events = Touched::of_many(project, at, &tasks);
    events.extend(Touched::of_assigned(project, at, &ended));
    events
}

/// Locks the rows of changed tasks, and before them their assignees, in the order of their ids. Returns whether the
/// versions are stored that the changes are based on. `Conflict` with [`constraint::REFERENCE`] where a task would be
/// assigned to a user who doesn't exist.
async fn lock_all(conn: &mut Connection, changes: &[TaskChange]) -> Result<bool, Error> {
    let assignees = changes.iter().filter_map(|change| change.task.assignee_id).collect();
    let existing = assignee::existing(conn, assignees).await?;
    let ids: Vec<_> = changes.iter().map(|change| change.task.id.get()).collect();
    let rows = tasks::table
        .filter(tasks::id.eq_any(ids))
        .order(tasks::id)
        .select((tasks::id, (tasks::version, tasks::assignee_id)));
    let rows: Vec<(i64, (i64, Option<i64>))> = dialect::no_key_update!(rows).load(conn).await?;
    let stored: HashMap<_, _> = rows.into_iter().collect();
    for change in changes {
        let Some((version, assignee)) = stored.get(&change.task.id.get()) else { return Ok(false) };
        if *version != change.based_on {
            return Ok(false);
        }
        let is_assigned = change.task.assignee_id.map(UserId::get) != *assignee;
        if is_assigned && change.task.assignee_id.is_some_and(|id| !existing.contains(&id)) {
            return Err(Error::Conflict(constraint::REFERENCE));
        }
    }
    Ok(true)
}
