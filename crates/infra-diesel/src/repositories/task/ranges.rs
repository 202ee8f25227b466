//! Finds the tasks that match a filter by an index alone.

use diesel::{
    Expression,
    backend::Backend,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::QueryResult,
    serialize::ToSql,
    sql_types::{BigInt, HasSqlType},
};
use fasttrack_domain::{
    id::{ProjectId, UserId},
    page::PageRequest,
    task::{TaskFilter, TaskPriority, TaskStatus},
};

/// A query for the first tasks behind a page's cursor that match a filter.
///
/// The tasks of one project or assignee with one status and one priority are a range of an index, in the order of
/// their ids. A filter matches at most nine such ranges. Each is read up to the length of a page, so that a query reads at
/// most nine times as many rows as it returns, however many tasks don't match.
pub(super) struct FirstTasks<S> {
    columns: S,
    project: Option<i64>,
    assignee: Option<i64>,
    ranges: Vec<(TaskStatus, TaskPriority)>,
    after: i64,
    limit: i64,
}

impl<S> FirstTasks<S> {
    /// Selects `columns` of the tasks of `project`, of the filter's assignee, or of both. One of the two must be given.
    pub(super) fn new(columns: S, project: Option<ProjectId>, filter: &TaskFilter, page: &PageRequest) -> Self {
        let TaskFilter { status, priority, assignee_id, completed } = filter;
        let statuses = TaskStatus::ALL
            .iter()
            .filter(|it| status.is_none_or(|status| status == **it))
            .filter(|it| completed.is_none_or(|completed| completed == (**it == TaskStatus::Done)));
        let priorities = || TaskPriority::ALL.iter().filter(|it| priority.is_none_or(|priority| priority == **it));
        Self {
            columns,
            project: project.map(ProjectId::get),
            assignee: assignee_id.map(UserId::get),
            ranges: statuses.flat_map(|status| priorities().map(|priority| (*status, *priority))).collect(),
            after: page.after_id(),
            limit: page.fetch(),
        }
    }

    /// Whether the filter contradicts itself, so that no task can match.
    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }
}

impl<S: Expression> Query for FirstTasks<S> {
    type SqlType = S::SqlType;
}

impl<S> QueryId for FirstTasks<S> {
    type QueryId = ();
    // So the cache looks it up by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S, DB> QueryFragment<DB> for FirstTasks<S>
where
    S: QueryFragment<DB>,
    DB: Backend + HasSqlType<BigInt>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        for (index, (status, priority)) in self.ranges.iter().enumerate() {
            out.push_sql(if index == 0 { "SELECT " } else { " UNION ALL SELECT " });
            self.columns.walk_ast(out.reborrow())?;
            out.push_sql(" FROM (SELECT * FROM tasks WHERE ");
            for (column, value) in [("project_id = ", &self.project), ("assignee_id = ", &self.assignee)] {
                if let Some(value) = value {
                    out.push_sql(column);
                    out.push_bind_param::<BigInt, _>(value)?;
                    out.push_sql(" AND ");
                }
            }
            // Constants of the enums, never a client's text.
            out.push_sql("status = '");
            out.push_sql(status.as_str());
            out.push_sql("' AND priority = '");
            out.push_sql(priority.as_str());
            out.push_sql("' AND id > ");
            out.push_bind_param::<BigInt, _>(&self.after)?;
            out.push_sql(" ORDER BY id LIMIT ");
            out.push_bind_param::<BigInt, _>(&self.limit)?;
            out.push_sql(") AS tasks");
        }
        out.push_sql(" ORDER BY id LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)
    }
}
