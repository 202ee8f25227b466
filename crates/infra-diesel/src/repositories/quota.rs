//! How much is kept in one place. The number stands in the row that it is about, and changes in the transaction that
//! makes or deletes something there.
//!
//! PostgreSQL: a transaction waits here for another one that changes the same number. Where a row and what it contains
//! are both changed, the row comes first, as it does for whoever deletes it.

use super::{
    Cached, Connection, Database, Error,
    schema::{comments, projects, tasks, users},
};
use diesel::{
    ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, QueryResult, sql_query, update,
};
use diesel_async::RunQueryDsl;
use fasttrack_domain::ports::constraint;

fn within(counted: usize) -> Result<(), Error> {
    if counted == 1 { Ok(()) } else { Err(Error::Conflict(constraint::QUOTA)) }
}

/// Counts one more project of this user, which may have so many.
pub(super) async fn add_project(conn: &mut Connection, owner: i64, quota: u32) -> Result<(), Error> {
    let place = users::table.find(owner);
    let statement = update(place)
        .filter(users::project_count.lt(i64::from(quota)))
        .set(users::project_count.eq(users::project_count + 1));
    within(Cached(statement).execute(conn).await?)
}

/// Counts one more task of this project, which may have so many.
pub(super) async fn add_task(conn: &mut Connection, project: i64, quota: u32) -> Result<(), Error> {
    let place = projects::table.find(project);
    let statement = update(place)
        .filter(projects::task_count.lt(i64::from(quota)))
        .set(projects::task_count.eq(projects::task_count + 1));
    within(Cached(statement).execute(conn).await?)
}

/// Counts one more comment on this task, which may have so many.
pub(super) async fn add_comment(conn: &mut Connection, task: i64, quota: u32) -> Result<(), Error> {
    let place = tasks::table.find(task);
    let statement = update(place)
        .filter(tasks::comment_count.lt(i64::from(quota)))
        .set(tasks::comment_count.eq(tasks::comment_count + 1));
    within(Cached(statement).execute(conn).await?)
}

/// Counts one project of this user less.
pub(super) async fn remove_project(conn: &mut Connection, owner: i64) -> QueryResult<()> {
    let statement = update(users::table.find(owner)).set(users::project_count.eq(users::project_count - 1));
    Cached(statement).execute(conn).await.map(drop)
}

/// Counts one task less in the project of this one, where it is in this version; which project that is. To be done before
/// the task is deleted.
pub(super) async fn remove_task(conn: &mut Connection, task: i64, version: i64) -> QueryResult<Option<i64>> {
    let project = tasks::table.find(task).filter(tasks::version.eq(version)).select(tasks::project_id).single_value();
    let place = projects::table.filter(projects::id.nullable().eq(project));
    let statement = update(place).set(projects::task_count.eq(projects::task_count - 1)).returning(projects::id);
    Cached(statement).get_result(conn).await.optional()
}

/// Counts one comment less on the task of this one; which task that is, where there is the comment. To be done before it
/// is deleted.
pub(super) async fn remove_comment(conn: &mut Connection, comment: i64) -> QueryResult<Option<i64>> {
    let task = comments::table.find(comment).select(comments::task_id).single_value();
    let place = tasks::table.filter(tasks::id.nullable().eq(task));
    let statement = update(place).set(tasks::comment_count.eq(tasks::comment_count - 1)).returning(tasks::id);
    Cached(statement).get_result(conn).await.optional()
}

/// Where a number may be wrong, and what makes it right once nobody else can change it.
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

/// Counts anew wherever a number is wrong, as a program of a former release may have left it.
pub(super) async fn rebuild(database: &Database) -> Result<(), fasttrack_domain::ports::RepositoryError> {
    for (table, count) in COUNTS {
        let wrong = format!("SELECT id FROM {table} WHERE NOT {count}");
        let wrong: Vec<Id> = database.read(async move |conn| Ok(sql_query(wrong.clone()).load(conn).await?)).await?;
        for Id { id } in wrong {
            database
                .write(async move |conn| {
                    // Whoever adds or deletes something there waits from now on, or is through.
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
