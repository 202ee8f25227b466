//! Deletes projects.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{
    Connection, Error, audit, dialect, event, quota,
    schema::{members, projects, tasks},
    webhook::portion::delete_of_project,
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, delete as delete_from};
use fasttrack_domain::{
    Timestamp,
    audit::AuditEntry,
    change::Thing,
    event::Touched,
    id::{ProjectId, TaskId, UserId},
};

/// See [`ProjectRepository::delete`](fasttrack_domain::ports::project::ProjectRepository::delete). Returns the audit entry for
/// [`log_committed`](audit::log_committed), too; `None` where only a portion of the deliveries of its webhooks is deleted.
pub(super) async fn delete(
    conn: &mut Connection,
    id: ProjectId,
    based_on: i64,
    now: Timestamp,
    audit: Option<AuditEntry>,
) -> Result<Option<(bool, Option<AuditEntry>)>, Error> {
    let stored = projects::table.filter(projects::id.eq(id.get())).filter(projects::version.eq(based_on));
    // Until the end nobody changes a member, or adds anything to the project.
    let owner: Option<i64> = dialect::for_update!(stored.select(projects::owner_id)).first(conn).await.optional()?;
    let Some(owner) = owner else { return Ok(Some((false, None))) };
    if !delete_of_project(conn, id.get()).await? {
        return Ok(None);
    }
    record(conn, id, now).await?;
    delete_from(projects::table.find(id.get())).execute(conn).await?;
    quota::remove_project(conn, owner).await?;
    Ok(Some((true, audit::insert(conn, audit, None).await?)))
}

/// Records the deletion for the members, and that of tasks for those who see them by their assignment alone. The tasks are
/// locked, so that none is assigned to somebody else before it is deleted.
async fn record(conn: &mut Connection, id: ProjectId, now: Timestamp) -> Result<(), Error> {
    let of_project = members::table.filter(members::project_id.eq(id.get())).order(members::user_id);
    let users: Vec<i64> = of_project.select(members::user_id).load(conn).await?;
    let of_project = tasks::table.filter(tasks::project_id.eq(id.get())).order(tasks::id);
    let of_project = dialect::for_update!(of_project.select((tasks::id, tasks::assignee_id)));
    let of_project: Vec<(i64, Option<i64>)> = of_project.load(conn).await?;
    let outside = of_project.into_iter().filter_map(|(task, assignee)| {
        let assignee = assignee.filter(|assignee| users.binary_search(assignee).is_err())?;
        Some((Thing::task(TaskId::new(task)).deleted(), UserId::new(assignee)))
    });
    let mut events = Touched::of_assigned(id, now, &outside.collect::<Vec<_>>());
    let audience = users.into_iter().map(UserId::new).collect();
    events.push(Touched::new(id, now, vec![Thing::project(id).deleted()]).for_audience(audience));
    event::record_all(conn, &events).await
}
