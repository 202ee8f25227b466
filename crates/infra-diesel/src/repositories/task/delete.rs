//! Deletes tasks.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{Cached, Connection, Database, Error, audit, dialect, event, quota, schema::tasks, webhook::record},
    under::under,
};
use diesel::{
    QueryDsl, QueryableByName, delete as delete_from, sql_query,
    sql_types::{BigInt, Nullable, Text},
};
use fasttrack_domain::{
    audit::AuditEntry,
    change::Thing,
    event::{TaskEvent, Touched},
    id::{TaskId, UserId},
    ports::RepositoryError,
    task::TaskRemoval,
    text::TaskTitle,
};
use std::slice;

/// The task and all under it, in the order of their ids, in which rows are locked everywhere.
const TREE: &str = "SELECT id, parent_id, title, status, version, assignee_id FROM tasks WHERE id IN \
         (WITH RECURSIVE tree (id) AS (SELECT id FROM tasks WHERE id = $1 \
             UNION SELECT tasks.id FROM tree JOIN tasks ON tasks.parent_id = tree.id) \
         SELECT id FROM tree) \
     ORDER BY id";

#[derive(QueryableByName)]
struct TreeRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    parent_id: Option<i64>,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    assignee_id: Option<i64>,
}

impl TreeRow {
    /// The task, which is deleted, and its assignee, if it has one.
    fn assigned(&self) -> Option<(Thing, UserId)> {
        let assignee = UserId::new(self.assignee_id?);
        Some((Thing::task(TaskId::new(self.id)).deleted(), assignee))
    }

    /// The event of a task that is deleted because it is under another one.
    fn event(self, removal: &TaskRemoval) -> Result<TaskEvent, Error> {
        let corrupt = Error::corrupt("tasks", self.id);
        let title = TaskTitle::parse(self.title).map_err(&corrupt)?;
        let status = self.status.parse().map_err(&corrupt)?;
        Ok(removal.event_under(TaskId::new(self.id), title, status))
    }
}

// @spec SPEC-022
/// See [`TaskRepository::delete`](fasttrack_domain::ports::task::TaskRepository::delete).
pub(super) async fn delete(database: &Database, removal: TaskRemoval) -> Result<bool, RepositoryError> {
    database
        .write(async move |conn| remove(conn, removal).await)
        .await
        .map(audit::log_committed)
        .inspect(event::notify(database))
}

/// Returns the audit entry for [`log_committed`](audit::log_committed), too.
async fn remove(conn: &mut Connection, removal: TaskRemoval) -> Result<(bool, Option<AuditEntry>), Error> {
    let id = removal.id.get();
    // Until then, no task is put under another one of the project.
    let project = quota::remove_task(conn, id, removal.based_on).await?;
    let Some(project) = project else { return Ok((false, None)) };
    let tree = sql_query(format!("{TREE}{}", dialect::FOR_UPDATE)).bind::<BigInt, _>(id);
    let tree: Vec<TreeRow> = Cached(tree).load(conn).await?;
    let Some(root) = tree.iter().find(|row| row.id == id && row.version == removal.based_on) else {
        // Another transaction changed or deleted it while this one waited for the project.
        quota::tasks_of(project, u32::MAX).add(conn).await?;
        return Ok((false, None));
    };
    let mut assigned: Vec<_> = root.assigned().into_iter().collect();
    // While the locks of the tree were waited for, another transaction may have taken tasks out of it.
    let parents: Vec<_> = tree.iter().map(|row| (row.id, row.parent_id)).collect();
    let ids = under(id, &parents);
    let under: Vec<_> = tree.into_iter().filter(|row| ids.contains(&row.id)).collect();
    assigned.extend(under.iter().filter_map(TreeRow::assigned));
    if removal.is_watched {
        let ids: Vec<_> = under.iter().map(|row| row.id).chain([id]).collect();
        record::deleted_tasks(conn, &ids, (removal.event.actor_id, removal.event.at)).await?;
    }
    let under = under.into_iter().map(|row| row.event(&removal)).collect::<Result<Vec<_>, _>>()?;
    delete_from(tasks::table.find(id)).execute(conn).await?;
    event::record(conn, slice::from_ref(&removal.event)).await?;
    if !under.is_empty() {
        quota::remove_tasks(conn, project, under.len()).await?;
        event::record_all(conn, &under).await?;
    }
    let touched = Touched::of_assigned(removal.event.task.project_id, removal.event.at, &assigned);
    event::record_all(conn, &touched).await?;
    Ok((true, audit::insert(conn, removal.audit, None).await?))
}
