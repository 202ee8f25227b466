//! Deletes the projects of an erased account, a portion of their tasks, comments and deliveries at a time.

use super::{
    super::{
        Connection, Error, dialect, quota,
        schema::{comments, projects, tasks},
        webhook::portion::delete_of_project,
    },
    portion::{PORTION, is_full},
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, delete as delete_from, dsl::sql, sql_types::Bool};
use diesel_async::RunQueryDsl;

/// A task without tasks under it, which would be deleted with it and make the portion larger.
const IS_LEAF: &str = "NOT EXISTS (SELECT 1 FROM tasks AS child WHERE child.parent_id = tasks.id)";

/// Deletes the next portion of the account's projects. Returns whether none is left.
pub(super) async fn delete(conn: &mut Connection, user: i64) -> Result<bool, Error> {
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
    let of_project = of_project.order(tasks::id).limit(PORTION).select(tasks::id);
    let of_project: Vec<i64> = dialect::for_update!(of_project).load(conn).await?;
    if of_project.is_empty() {
        if !delete_of_project(conn, project).await? {
            return Ok(false);
        }
        quota::remove_project(conn, user).await?;
        delete_from(projects::table.find(project)).execute(conn).await?;
        return Ok(false);
    }
    let on_tasks = comments::table.filter(comments::task_id.eq_any(of_project.clone())).limit(PORTION);
    let on_tasks: Vec<i64> = on_tasks.select(comments::id).load(conn).await?;
    let has_more = is_full(on_tasks.len());
    delete_from(comments::table.filter(comments::id.eq_any(on_tasks))).execute(conn).await?;
    if !has_more {
        delete_from(tasks::table.filter(tasks::id.eq_any(of_project))).execute(conn).await?;
    }
    Ok(false)
}
