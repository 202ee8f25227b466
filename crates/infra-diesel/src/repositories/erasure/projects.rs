//! Deletes the projects of an erased account, a portion of their tasks, comments and deliveries at a time.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Connection, Error, dialect, event, quota,
        schema::{comments, members, projects, tasks},
        webhook::portion::delete_of_project,
    },
    portion::{PORTION, is_full},
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, delete as delete_from, dsl::sql, sql_types::Bool};
use fasttrack_domain::{
    Timestamp,
    change::Thing,
    event::Touched,
    id::{ProjectId, TaskId, UserId},
};

/// A task without tasks under it, which would be deleted with it and make the portion larger.
const IS_LEAF: &str = "NOT EXISTS (SELECT 1 FROM tasks AS child WHERE child.parent_id = tasks.id)";

/// Deletes the project, which has nothing left. Somebody else may have become a member of it since the erasure began.
async fn delete_empty(conn: &mut Connection, user: i64, project: i64, at: Timestamp) -> Result<(), Error> {
    let users = members::table.filter(members::project_id.eq(project)).order(members::user_id);
    let users: Vec<i64> = users.select(members::user_id).load(conn).await?;
    quota::remove_project(conn, user).await?;
    delete_from(projects::table.find(project)).execute(conn).await?;
    let id = ProjectId::new(project);
    let audience = users.into_iter().map(UserId::new).collect();
    event::record(conn, &[Touched::new(id, at, vec![Thing::project(id).deleted()]).for_audience(audience)]).await
}

/// Deletes tasks without comments, given with their assignees. Those who see one by its assignment alone don't see that its
/// project goes.
async fn delete_tasks(
    conn: &mut Connection,
    project: i64,
    portion: &[(i64, Option<i64>)],
    at: Timestamp,
) -> Result<(), Error> {
    let assigned = |(task, assignee): &(i64, Option<i64>)| {
        Some((Thing::task(TaskId::new(*task)).deleted(), UserId::new((*assignee)?)))
    };
    let assigned: Vec<_> = portion.iter().filter_map(assigned).collect();
    event::record_all(conn, &Touched::of_assigned(ProjectId::new(project), at, &assigned)).await?;
    let ids: Vec<_> = portion.iter().map(|(task, _)| *task).collect();
    delete_from(tasks::table.filter(tasks::id.eq_any(ids))).execute(conn).await?;
    Ok(())
}

/// Deletes the next portion of the account's projects. Returns whether none is left.
pub(super) async fn delete(conn: &mut Connection, user: i64, at: Timestamp) -> Result<bool, Error> {
    let owned = || projects::table.filter(projects::owner_id.eq(user));
    let next: Option<i64> = owned().order(projects::id).select(projects::id).first(conn).await.optional()?;
    let Some(project) = next else { return Ok(true) };
    // Whoever deletes or adds something in the project waits, and locks nothing else before.
    let locked = dialect::for_update!(owned().filter(projects::id.eq(project)).select(projects::id));
    if locked.first::<i64>(conn).await.optional()?.is_none() {
        return Ok(false);
    }
    // Whoever puts a task under another waits for the project, too.
    let of_project = tasks::table.filter(tasks::project_id.eq(project)).filter(sql::<Bool>(IS_LEAF));
    let of_project = of_project.order(tasks::id).limit(PORTION).select((tasks::id, tasks::assignee_id));
    let of_project: Vec<(i64, Option<i64>)> = dialect::for_update!(of_project).load(conn).await?;
    if of_project.is_empty() {
        if !delete_of_project(conn, project).await? {
            return Ok(false);
        }
        delete_empty(conn, user, project, at).await?;
        return Ok(false);
    }
    let ids: Vec<_> = of_project.iter().map(|(task, _)| *task).collect();
    let on_tasks = comments::table.filter(comments::task_id.eq_any(ids)).limit(PORTION);
    let on_tasks: Vec<i64> = on_tasks.select(comments::id).load(conn).await?;
    let has_more = is_full(on_tasks.len());
    delete_from(comments::table.filter(comments::id.eq_any(on_tasks))).execute(conn).await?;
    if !has_more {
        delete_tasks(conn, project, &of_project, at).await?;
    }
    Ok(false)
}
