//! The assignees of tasks that are created or saved.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{Connection, Error, dialect, member, schema::users};
use diesel::{
    AppearsOnTable, Expression, ExpressionMethods, QueryDsl, QueryResult,
    backend::Backend,
    expression::ValidGrouping,
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, HasSqlType, Nullable},
};
use fasttrack_domain::{
    id::{ProjectId, UserId},
    membership::HeldRole,
};
use std::collections::{BTreeSet, HashSet};

/// Returns those of these users that exist and aren't erased. On PostgreSQL their rows are locked, so that no erasure
/// begins meanwhile.
pub(super) async fn existing(conn: &mut Connection, ids: BTreeSet<UserId>) -> QueryResult<HashSet<UserId>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let accounts = users::table
        .filter(users::id.eq_any(ids.into_iter().map(UserId::get)))
        .filter(users::erased_at.is_null())
        .order(users::id)
        .select(users::id);
    let found: Vec<i64> = dialect::key_share!(accounts).load(conn).await?;
    Ok(found.into_iter().map(UserId::new).collect())
}

/// Returns whether members have these roles until the end of the transaction.
pub(super) async fn are_held(
    conn: &mut Connection,
    project: ProjectId,
    mut held: Vec<HeldRole>,
) -> Result<bool, Error> {
    // All changes of a request are one actor's.
    held.dedup();
    for role in held {
        if !member::is_held(conn, project, Some(role)).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The value of `tasks.assignee_id`. Where the user doesn't exist or is erased it is 0, the id of no user, so that the
/// statement violates the foreign key. On PostgreSQL the user's row is locked, so that no erasure begins meanwhile.
#[derive(Clone, Copy, ValidGrouping)]
pub(super) struct Assignee {
    id: Option<i64>,
    /// Whether the task is stored, with an assignee that is not checked again.
    is_stored: bool,
}

impl Assignee {
    /// For the insert of a task.
    pub(super) fn of_new(id: Option<UserId>) -> Self {
        Self { id: id.map(UserId::get), is_stored: false }
    }

    /// For the update of a task.
    pub(super) fn of_stored(id: Option<UserId>) -> Self {
        Self { id: id.map(UserId::get), is_stored: true }
    }
}

impl Expression for Assignee {
    type SqlType = Nullable<BigInt>;
}

impl<From: ?Sized> AppearsOnTable<From> for Assignee {}

impl QueryId for Assignee {
    type QueryId = ();
    // So the cache looks it up by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB> QueryFragment<DB> for Assignee
where
    DB: Backend + HasSqlType<BigInt>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let Some(id) = &self.id else {
            out.push_sql("NULL");
            return Ok(());
        };
        if self.is_stored {
            out.push_sql("CASE WHEN tasks.assignee_id = ");
            out.push_bind_param::<BigInt, _>(id)?;
            out.push_sql(" THEN tasks.assignee_id ELSE ");
        }
        out.push_sql("coalesce((SELECT id FROM users WHERE erased_at IS NULL AND id = ");
        out.push_bind_param::<BigInt, _>(id)?;
        out.push_sql(dialect::FOR_KEY_SHARE);
        out.push_sql("), 0)");
        if self.is_stored {
            out.push_sql(" END");
        }
        Ok(())
    }
}
