//! Reminders: each is removed when it is due, and leaves an event in the outbox.
//!
//! PostgreSQL: projects are locked first, then tasks, both in the order of their ids. Whoever changes the reminders of a
//! task holds the lock of its row, and whoever deletes tasks the lock of their project's row.

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Connection, Database, Error, SqlTimestamp, dialect, event,
    schema::{projects, task_reminders, tasks, users},
};
use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, Queryable, Selectable, SelectableHelper, delete, dsl::not,
};
use fasttrack_domain::{
    Timestamp,
    change::Thing,
    due::Due,
    event::{TaskEvent, TaskRef, Touched},
    id::{ProjectId, TaskId, UserId},
    ports::{
        RepositoryError,
        reminder::{self, GivenReminders},
    },
    task::TaskStatus,
    text::{ProjectName, TaskTitle},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Gives reminders.
#[derive(Clone)]
pub struct ReminderRepository {
    database: Database,
}

impl ReminderRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

/// The time of a reminder and the id of its task: reminders are given in this order.
type Key = (SqlTimestamp, i64);

/// The first reminders that are due.
async fn find_due(conn: &mut Connection, now: Timestamp, limit: i64) -> Result<Vec<Key>, Error> {
    let due = task_reminders::table
        .filter(task_reminders::at.le(SqlTimestamp(now)))
        .order((task_reminders::at, task_reminders::task_id))
        .limit(limit)
        .select((task_reminders::at, task_reminders::task_id));
    Ok(due.load(conn).await?)
}

/// The name and the owner of a project.
type ProjectRow = (String, i64);

/// Locks the projects of these tasks, so that none of the tasks is deleted before the transaction ends.
async fn lock_projects(conn: &mut Connection, task_ids: &[i64]) -> Result<HashMap<i64, ProjectRow>, Error> {
    let of_tasks = tasks::table.filter(tasks::id.eq_any(task_ids)).select(tasks::project_id);
    let query = projects::table
        .filter(projects::id.eq_any(of_tasks))
        .order(projects::id)
        .select((projects::id, (projects::name, projects::owner_id)));
    let rows: Vec<(i64, ProjectRow)> = dialect::share!(query).load(conn).await?;
    Ok(rows.into_iter().collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = tasks)]
struct TaskRow {
    id: i64,
    project_id: i64,
    title: String,
    status: String,
    assignee_id: Option<i64>,
    due_at: Option<SqlTimestamp>,
    due_is_day: bool,
}

/// Locks these tasks, so that none of them changes before the transaction ends. Who is being erased is nobody's assignee.
async fn lock_tasks(conn: &mut Connection, ids: &[i64]) -> Result<Vec<TaskRow>, Error> {
    let query = tasks::table.filter(tasks::id.eq_any(ids)).order(tasks::id).select(TaskRow::as_select());
    let mut rows: Vec<TaskRow> = dialect::share!(query).load(conn).await?;
    let assignees: Vec<i64> = rows.iter().filter_map(|row| row.assignee_id).collect();
    if assignees.is_empty() {
        return Ok(rows);
    }
    let erased = users::table.filter(users::id.eq_any(assignees)).filter(users::erased_at.is_not_null());
    let erased: Vec<i64> = erased.select(users::id).load(conn).await?;
    for row in &mut rows {
        row.assignee_id = row.assignee_id.filter(|id| !erased.contains(id));
    }
    Ok(rows)
}

impl TaskRow {
    /// The event of each reminder of the task; `None` where the task is done.
    fn event(self, (project, owner_id): &ProjectRow, at: Timestamp) -> Result<Option<TaskEvent>, Error> {
        let corrupt = Error::corrupt("tasks", self.id);
        if self.status.parse::<TaskStatus>().map_err(&corrupt)? == TaskStatus::Done {
            return Ok(None);
        }
        let due = self.due_at.map(|due| Due::from_storage(due.0, self.due_is_day)).transpose().map_err(&corrupt)?;
        let task = TaskRef {
            task_id: TaskId::new(self.id),
            title: TaskTitle::parse(self.title).map_err(&corrupt)?,
            project_id: ProjectId::new(self.project_id),
            project: ProjectName::parse(project.clone()).map_err(Error::corrupt("projects", self.project_id))?,
            owner_id: UserId::new(*owner_id),
        };
        Ok(Some(TaskEvent::of_reminder(task, self.assignee_id.map(UserId::new), due, at)))
    }
}

/// The event of each of these tasks that isn't done, by the task's id. One that can't be read doesn't hold up others.
fn events(tasks: Vec<TaskRow>, projects: &HashMap<i64, ProjectRow>, at: Timestamp) -> HashMap<i64, TaskEvent> {
    let event = |task: TaskRow| {
        let (id, project) = (task.id, projects.get(&task.project_id)?);
        match task.event(project, at) {
            Ok(event) => Some((id, event?)),
            Err(error) => {
                tracing::error!(task = id, %error, "a reminder of a task that can't be read is removed");
                None
            }
        }
    };
    tasks.into_iter().filter_map(event).collect()
}

/// Removes the reminders of these tasks up to this one, in the order in which they are given. Returns them in this order.
async fn remove(conn: &mut Connection, task_ids: Vec<i64>, (at, task): Key) -> Result<Vec<Key>, Error> {
    let is_behind = task_reminders::at.eq(at).and(task_reminders::task_id.gt(task));
    let due = task_reminders::table
        .filter(task_reminders::task_id.eq_any(task_ids))
        .filter(task_reminders::at.le(at))
        .filter(not(is_behind));
    let removed = delete(due).returning((task_reminders::at, task_reminders::task_id));
    let mut removed: Vec<Key> = removed.get_results(conn).await?;
    removed.sort_unstable();
    Ok(removed)
}

/// The events for the tasks whose reminders are removed without being given, by their ids and projects.
fn touched(silent: impl Iterator<Item = (i64, i64)>, at: Timestamp) -> Vec<Touched> {
    let mut of_projects = BTreeMap::<_, BTreeSet<_>>::new();
    for (task, project) in silent {
        of_projects.entry(project).or_default().insert(task);
    }
    let events = |(project, tasks): (i64, BTreeSet<i64>)| {
        let tasks: Vec<_> = tasks.into_iter().map(|task| Thing::task(TaskId::new(task))).collect();
        Touched::of_many(ProjectId::new(project), at, &tasks)
    };
    of_projects.into_iter().flat_map(events).collect()
}

async fn give(conn: &mut Connection, now: Timestamp, limit: u32) -> Result<GivenReminders, Error> {
    if !dialect::try_lock_reminders(conn).await? {
        return Ok(GivenReminders::default());
    }
    let mut due = find_due(conn, now, i64::from(limit) + 1).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = due.len() > limit;
    due.truncate(limit);
    let Some(&last) = due.last() else { return Ok(GivenReminders { events: 0, more }) };
    let ids: Vec<_> = due.into_iter().map(|(_, task)| task).collect();
    let projects = lock_projects(conn, &ids).await?;
    let tasks = lock_tasks(conn, &ids).await?;
    let removed = remove(conn, tasks.iter().map(|task| task.id).collect(), last).await?;
    let places: HashMap<_, _> = tasks.iter().map(|task| (task.id, task.project_id)).collect();
    let of_tasks = events(tasks, &projects, now);
    let events: Vec<_> = removed.iter().filter_map(|(_, task)| of_tasks.get(task)).cloned().collect();
    event::record_all(conn, &events).await?;
    let silent = removed.iter().filter(|(_, task)| !of_tasks.contains_key(task));
    let silent = silent.filter_map(|(_, task)| Some((*task, *places.get(task)?)));
    event::record_all(conn, &touched(silent, now)).await?;
    Ok(GivenReminders { events: events.len() as u64, more })
}

// @spec SPEC-022
#[async_trait]
impl reminder::ReminderRepository for ReminderRepository {
    async fn give(&self, now: Timestamp, limit: u32) -> Result<GivenReminders, RepositoryError> {
        // Usually none is due: then nothing is locked or written.
        if self.database.read(async move |conn| find_due(conn, now, 1).await).await?.is_empty() {
            return Ok(GivenReminders::default());
        }
        let given = self.database.write(async move |conn| give(conn, now, limit).await).await;
        given.inspect(event::notify(&self.database))
    }
}
