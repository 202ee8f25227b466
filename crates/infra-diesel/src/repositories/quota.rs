//! Counters that quotas are checked against: how many projects a user, tasks, members and labels a project and comments a
//! task has. A counter is a column of that user, project or task, and is updated in the transaction that creates or deletes
//! a row there.
//!
//! PostgreSQL: from the update until the commit, other transactions that update the same counter wait. So a transaction
//! that creates a row updates the counter last, unless one statement does all; where the quota is exceeded, all that it
//! did is rolled back. One that deletes a task, a label or a comment updates the counter first: the deletion of a project
//! locks the project before its tasks, and two transactions that lock in opposite orders would deadlock.

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Cached, Connection, Database, Error,
    schema::{comments, labels, projects, tasks, users},
};
use diesel::{
    ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, QueryResult,
    backend::Backend,
    dsl::{exists, sql},
    query_builder::{AstPass, QueryFragment},
    select,
    serialize::ToSql,
    sql_query,
    sql_types::{BigInt, HasSqlType, Nullable},
    update,
};
use fasttrack_domain::ports::constraint;

/// A counter, and how far it may count.
pub(in super::super) struct Counter {
    pub(in super::super) table: &'static str,
    column: &'static str,
    /// The row with the counter.
    pub(in super::super) id: i64,
    /// How many rows are counted.
    count: i64,
    /// The most that there may be before.
    most: i64,
    /// A further condition on that row, or nothing.
    condition: &'static str,
}

impl Counter {
    /// Counts one row, to at most `quota`.
    fn new(table: &'static str, column: &'static str, id: i64, quota: u32) -> Self {
        Self { table, column, id, count: 1, most: i64::from(quota) - 1, condition: "" }
    }

    /// Counts so many rows at once.
    pub(super) fn times(self, count: usize) -> Self {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        Self { count, most: self.most + self.count - count, ..self }
    }

    /// Counts the rows. `Conflict` with [`constraint::QUOTA`] where there would be more than the quota, or where no row
    /// counts them.
    pub(in super::super) async fn add(&self, conn: &mut Connection) -> Result<(), Error> {
        match Cached(self).execute(conn).await? {
            1 => Ok(()),
            _ => Err(Error::Conflict(constraint::QUOTA)),
        }
    }
}

impl<DB: Backend + HasSqlType<BigInt>> QueryFragment<DB> for Counter
where
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        for part in ["UPDATE ", self.table, " SET ", self.column, " = ", self.column, " + "] {
            out.push_sql(part);
        }
        out.push_bind_param::<BigInt, _>(&self.count)?;
        out.push_sql(" WHERE id = ");
        out.push_bind_param::<BigInt, _>(&self.id)?;
        for part in [" AND ", self.column, " <= "] {
            out.push_sql(part);
        }
        out.push_bind_param::<BigInt, _>(&self.most)?;
        out.push_sql(self.condition);
        Ok(())
    }
}

/// The tasks of a project.
pub(super) fn tasks_of(project: i64, quota: u32) -> Counter {
    Counter::new("projects", "task_count", project, quota)
}

/// The members of a project. Its owner is not counted.
pub(super) fn members_of(project: i64, quota: u32) -> Counter {
    Counter::new("projects", "member_count", project, quota)
}

/// The labels of a project.
pub(super) fn labels_of(project: i64, quota: u32) -> Counter {
    Counter::new("projects", "label_count", project, quota)
}

/// The comments of a task.
pub(super) fn comments_of(task: i64, quota: u32) -> Counter {
    Counter::new("tasks", "comment_count", task, quota)
}

/// Adds a project to the user's counter. `Conflict` with [`constraint::REFERENCE`] where there is no such user or the user
/// is erased, with [`constraint::QUOTA`] where the user has `quota` projects already.
pub(super) async fn add_project(conn: &mut Connection, owner: i64, quota: u32) -> Result<(), Error> {
    let condition = " AND erased_at IS NULL";
    let counter = Counter { condition, ..Counter::new("users", "project_count", owner, quota) };
    if Cached(&counter).execute(conn).await? == 1 {
        return Ok(());
    }
    let account = users::table.find(owner).filter(users::erased_at.is_null());
    let is_there = select(exists(account)).get_result::<bool>(conn).await?;
    Err(Error::Conflict(if is_there { constraint::QUOTA } else { constraint::REFERENCE }))
}

/// Takes a project off the user's counter.
pub(super) async fn remove_project(conn: &mut Connection, owner: i64) -> QueryResult<()> {
    let statement = update(users::table.find(owner)).set(users::project_count.eq(users::project_count - 1));
    Cached(statement).execute(conn).await.map(drop)
}

/// Takes a member off the project's counter.
pub(super) async fn remove_member(conn: &mut Connection, project: i64) -> QueryResult<()> {
    let statement = update(projects::table.find(project)).set(projects::member_count.eq(projects::member_count - 1));
    Cached(statement).execute(conn).await.map(drop)
}

/// Takes a task of this version off the counter of its project, before it is deleted. Returns the project's id.
pub(super) async fn remove_task(conn: &mut Connection, task: i64, version: i64) -> QueryResult<Option<i64>> {
    let project = tasks::table.find(task).filter(tasks::version.eq(version)).select(tasks::project_id).single_value();
    let place = projects::table.filter(projects::id.nullable().eq(project));
    let statement = update(place).set(projects::task_count.eq(projects::task_count - 1)).returning(projects::id);
    Cached(statement).get_result(conn).await.optional()
}

/// Takes further tasks off the counter of the project.
pub(super) async fn remove_tasks(conn: &mut Connection, project: i64, count: usize) -> QueryResult<()> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let statement = update(projects::table.find(project)).set(projects::task_count.eq(projects::task_count - count));
    Cached(statement).execute(conn).await.map(drop)
}

/// Takes a label off the counter of its project, before it is deleted. Returns the project's id, or `None` where there is no
/// such label.
pub(super) async fn remove_label(conn: &mut Connection, label: i64) -> QueryResult<Option<i64>> {
    let project = labels::table.find(label).select(labels::project_id).single_value();
    let place = projects::table.filter(projects::id.nullable().eq(project));
    let statement = update(place).set(projects::label_count.eq(projects::label_count - 1)).returning(projects::id);
    Cached(statement).get_result(conn).await.optional()
}

/// A comment's task and its project, and how many active webhooks that has.
pub(super) type CommentPlace = (i64, i64, Option<i64>);

/// Takes a comment off the counter of its task, before it is deleted. Returns `None` where there is no such comment.
pub(super) async fn remove_comment(conn: &mut Connection, comment: i64) -> QueryResult<Option<CommentPlace>> {
    let task = comments::table.find(comment).select(comments::task_id).single_value();
    let place = tasks::table.filter(tasks::id.nullable().eq(task));
    let webhooks =
        sql::<Nullable<BigInt>>("(SELECT active_webhooks FROM projects WHERE projects.id = tasks.project_id)");
    let found = (tasks::id, tasks::project_id, webhooks);
    let statement = update(place).set(tasks::comment_count.eq(tasks::comment_count - 1)).returning(found);
    Cached(statement).get_result(conn).await.optional()
}

/// Each table with a counter, and the assignment that sets it to the number of rows.
const COUNTS: [(&str, &str); 7] = [
    ("users", "project_count = (SELECT count(*) FROM projects WHERE owner_id = users.id)"),
    ("projects", "task_count = (SELECT count(*) FROM tasks WHERE project_id = projects.id)"),
    (
        "projects",
        "member_count = (SELECT count(*) FROM members WHERE project_id = projects.id AND user_id <> projects.owner_id)",
    ),
    ("projects", "label_count = (SELECT count(*) FROM labels WHERE project_id = projects.id)"),
    ("projects", "active_webhooks = (SELECT count(*) FROM webhooks WHERE project_id = projects.id AND is_active)"),
    ("webhooks", "delivery_count = (SELECT count(*) FROM deliveries WHERE webhook_id = webhooks.id)"),
    ("tasks", "comment_count = (SELECT count(*) FROM comments WHERE task_id = tasks.id)"),
];

#[derive(diesel::QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
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
