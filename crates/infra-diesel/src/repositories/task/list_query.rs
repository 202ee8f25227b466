//! The query of a page of tasks, around the part that finds the tasks of the page.

use super::fragment::Fragment;
use diesel::{
    Expression,
    backend::Backend,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::QueryResult,
    serialize::ToSql,
    sql_types::{BigInt, Bool, HasSqlType, Nullable},
};

/// The part of a query that finds the tasks of a page.
pub(super) struct Found {
    /// A query for their ids, or for their rows.
    pub(super) tasks: Fragment,
    /// Whether it is for their rows.
    pub(super) has_rows: bool,
    /// Whether it reads no more than a number of rows, and says by a column `is_cut` whether there were more.
    pub(super) is_bounded: bool,
    /// Whether the query stays prepared, as one of few or one that is sent often.
    pub(super) is_cached: bool,
}

/// A query for the tasks of a page, in no order. Other tables are joined to the rows of the page only.
pub(super) struct ListQuery<S> {
    pub(super) columns: S,
    /// The project of the tasks and the user whose membership is found, too. The project's row is found even where no task
    /// is.
    pub(super) project: Option<(i64, i64)>,
    pub(super) found: Found,
}

impl<S: Expression> Query for ListQuery<S> {
    type SqlType = S::SqlType;
}

impl<S> QueryId for ListQuery<S> {
    type QueryId = ();
    // So the cache looks it up by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S, DB> QueryFragment<DB> for ListQuery<S>
where
    S: QueryFragment<DB>,
    Fragment: QueryFragment<DB>,
    DB: Backend + HasSqlType<BigInt>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if !self.found.is_cached {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql("SELECT ");
        self.columns.walk_ast(out.reborrow())?;
        out.push_sql(" FROM ");
        if let Some((_, reader)) = &self.project {
            out.push_sql("projects LEFT JOIN members ON members.project_id = projects.id AND members.user_id = ");
            out.push_bind_param::<BigInt, _>(reader)?;
            out.push_sql(" LEFT JOIN ");
        }
        out.push_sql("(");
        self.found.tasks.walk_ast(out.reborrow())?;
        out.push_sql(if self.found.has_rows { ") AS tasks" } else { ") AS page" });
        if self.project.is_some() {
            out.push_sql(" ON TRUE");
        }
        if !self.found.has_rows {
            out.push_sql(" LEFT JOIN tasks ON tasks.id = page.id");
        }
        out.push_sql(" LEFT JOIN users ON users.id = tasks.assignee_id");
        if let Some((project, _)) = &self.project {
            out.push_sql(" WHERE projects.id = ");
            out.push_bind_param::<BigInt, _>(project)?;
        }
        Ok(())
    }
}

/// A column of a [`ListQuery`]: whether the row is no task of the page, but says that there was more to read.
pub(super) struct IsCut {
    pub(super) is_bounded: bool,
}

impl Expression for IsCut {
    type SqlType = Nullable<Bool>;
}

impl<DB: Backend> QueryFragment<DB> for IsCut {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(if self.is_bounded { "page.is_cut" } else { "CAST(NULL AS BOOLEAN)" });
        Ok(())
    }
}
