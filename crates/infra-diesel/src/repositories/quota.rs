//! Counters that quotas are checked against: how many projects a user, tasks a project and comments a task has. A counter
//! is a column of that user, project or task, and is updated in the transaction that creates or deletes a row there.
//!
//! PostgreSQL: from the update until the commit, other transactions that update the same counter wait. So a transaction
//! that creates a row updates the counter last; where the quota is exceeded, all that it did is rolled back. One that
//! deletes a task or a comment updates the counter first: the deletion of a project locks the project before its tasks,
//! and two transactions that lock in opposite orders would deadlock.

use super::{
    Cached, Connection, Database, Error,
    schema::{comments, projects, tasks, users},
};
use diesel::{
    ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, QueryResult, sql_query, update,
};
use diesel_async::RunQueryDsl;
use fasttrack_domain::ports::constraint;

fn require_room(counted: usize) -> Result<(), Error> {
    if counted == 1 { Ok(()) } else { Err(Error::Conflict(constraint::QUOTA)) }
}

/// Adds a project to the user's counter. `Conflict` with [`constraint::QUOTA`] where there are `quota` already.
pub(super) async fn add_project(conn: &mut Connection, owner: i64, quota: u32) -> Result<(), Error> {
    let place = users::table.find(owner);
    let statement = update(place)
        .filter(users::project_count.lt(i64::from(quota)))
        .set(users::project_count.eq(users::project_count + 1));
    require_room(Cached(statement).execute(conn).await?)
}

/// Adds a task to the project's counter. `Conflict` with [`constraint::QUOTA`] where there are `quota` already.
pub(super) async fn add_task(conn: &mut Connection, project: i64, quota: u32) -> Result<(), Error> {
    let place = projects::table.find(project);
    let statement = update(place)
        .filter(projects::task_count.lt(i64::from(quota)))
        .set(projects::task_count.eq(projects::task_count + 1));
    require_room(Cached(statement).execute(conn).await?)
}

/// Adds a comment to the task's counter. `Conflict` with [`constraint::QUOTA`] where there are `quota` already.
pub(super) async fn add_comment(conn: &mut Connection, task: i64, quota: u32) -> Result<(), Error> {
    let place = tasks::table.find(task);
    let statement = update(place)
        .filter(tasks::comment_count.lt(i64::from(quota)))
        .set(tasks::comment_count.eq(tasks::comment_count + 1));
    require_room(Cached(statement).execute(conn).await?)
}

/// Takes a project off the user's counter.
pub(super) async fn remove_project(conn: &mut Connection, owner: i64) -> QueryResult<()> {
    let statement = update(users::table.find(owner)).set(users::project_count.eq(users::project_count - 1));
    Cached(statement).execute(conn).await.map(drop)
}

/// Takes a task of this version off the counter of its project, before it is deleted. Returns the project's id.
pub(super) async fn remove_task(conn: &mut Connection, task: i64, version: i64) -> QueryResult<Option<i64>> {
    let project = tasks::table.find(task).filter(tasks::version.eq(version)).select(tasks::project_id).single_value();
    let place = projects::table.filter(projects::id.nullable().eq(project));
    let statement = update(place).set(projects::task_count.eq(projects::task_count - 1)).returning(projects::id);
    Cached(statement).get_result(conn).await.optional()
}

/// Takes a comment off the counter of its task, before it is deleted. Returns the task's id, or `None` where there is no
/// such comment.
pub(super) async fn remove_comment(conn: &mut Connection, comment: i64) -> QueryResult<Option<i64>> {
    let task = comments::table.find(comment).select(comments::task_id).single_value();
    let place = tasks::table.filter(tasks::id.nullable().eq(task));
    let statement = update(place).set(tasks::comment_count.eq(tasks::comment_count - 1)).returning(tasks::id);
    Cached(statement).get_result(conn).await.optional()
}

/// Each table with a counter, and the assignment that sets it to the number of rows.
const COUNTS: [(&str, &str); 3] = [
    ("users", "project_count = (SELECT count(*) FROM projects WHERE owner_id = users.id)"),
    ("projects", "task_count = (SELECT count(*) FROM tasks WHERE project_id = projects.id)"),
    ("tasks", "comment_count = (SELECT count(*) FROM comments WHERE task_id = tasks.id)"),
];

#[derive(diesel::QueryableByName)]
struct Id {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    id: i64,
}

/// Sets every counter that is wrong, as a release before the counters leaves them, to the number of rows.
pub(super) async fn rebuild(database: &Database) -> Result<(), fasttrack_domain::ports::RepositoryError> {
    for (table, count) in COUNTS {
        let wrong = format!("SELECT id FROM {table} WHERE NOT {count}");
        let wrong: Vec<Id> = database.read(async move |conn| Ok(sql_query(wrong.clone()).load(conn).await?)).await?;
        for Id { id } in wrong {
            database
                .write(async move |conn| {
                    // Locks the row, so that the statement that counts sees all that was counted in it.
                    let column = count.split(' ').next().unwrap_or_default();
                    sql_query(format!("UPDATE {table} SET {column} = {column} WHERE id = {id}")).execute(conn).await?;
                    sql_query(format!("UPDATE {table} SET {count} WHERE id = {id}")).execute(conn).await?;
                    Ok(())
                })
                .await?;
        }
    }
    Ok(())
}
