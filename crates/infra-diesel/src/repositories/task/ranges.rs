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

/// A query for the first tasks behind a page's cursor that match a filter, in no order.
///
/// The tasks of one project or assignee are a range of an index, in the order of their ids, and so are those with one
/// status and one priority. A filter matches at most nine such ranges. Of each, up to the length of a page is read, so that
/// a query reads at most nine times as many rows as it returns, however many tasks don't match. Other tables are joined to
/// the rows of the page only.
pub(super) struct FirstTasks<S> {
    columns: S,
    project: Option<InProject>,
    assignee: Option<i64>,
    ranges: Vec<Range>,
    after: i64,
    limit: i64,
}

/// The project of the tasks. Its row is found even where no task is.
struct InProject {
    id: i64,
    /// The user whose membership is found, too.
    reader: i64,
}

/// Tasks with one status and one priority; `None` for all.
type Range = Option<(TaskStatus, TaskPriority)>;

/// The ranges that a filter matches; none where the filter contradicts itself.
fn ranges(filter: &TaskFilter, is_in_project: bool) -> Vec<Range> {
    let TaskFilter { status, priority, assignee_id, completed } = filter;
    // The index of a project's tasks by assignee has the status before the id.
    let is_any_order = is_in_project && assignee_id.is_some();
    if status.is_none() && priority.is_none() && completed.is_none() && !is_any_order {
        return vec![None];
    }
    let statuses = TaskStatus::ALL
        .iter()
        .filter(|it| status.is_none_or(|status| status == **it))
        .filter(|it| completed.is_none_or(|completed| completed == (**it == TaskStatus::Done)));
    let priorities = || TaskPriority::ALL.iter().filter(|it| priority.is_none_or(|priority| priority == **it));
    statuses.flat_map(|status| priorities().map(|priority| Some((*status, *priority)))).collect()
}

impl<S> FirstTasks<S> {
    /// Selects `columns` of `projects`, of the reader in `members`, and of `tasks` and their assignees in `users`.
    pub(super) fn in_project(
        columns: S,
        (project, reader): (ProjectId, UserId),
        filter: &TaskFilter,
        page: &PageRequest,
    ) -> Self {
        Self {
            columns,
            project: Some(InProject { id: project.get(), reader: reader.get() }),
            assignee: filter.assignee_id.map(UserId::get),
            ranges: ranges(filter, true),
            after: page.after_id(),
            limit: page.fetch(),
        }
    }

    /// Selects `columns` of `tasks`, and of the assignee in `users`. The filter's assignee is not used.
    pub(super) fn assigned(columns: S, assignee: UserId, filter: &TaskFilter, page: &PageRequest) -> Self {
        Self {
            columns,
            project: None,
            assignee: Some(assignee.get()),
            ranges: ranges(filter, false),
            after: page.after_id(),
            limit: page.fetch(),
        }
    }

    /// The ids of the tasks on the page.
    fn walk_page<'b, DB>(&'b self, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: Backend + HasSqlType<BigInt>,
        i64: ToSql<BigInt, DB>,
    {
        match self.ranges.as_slice() {
            [] => {
                out.push_sql("SELECT id FROM tasks WHERE id = 0");
                Ok(())
            }
            [range] => self.walk_range(*range, out),
            several => {
                for (index, range) in several.iter().enumerate() {
                    out.push_sql(if index == 0 { "SELECT id FROM (" } else { " UNION ALL SELECT id FROM (" });
                    self.walk_range(*range, out)?;
                    out.push_sql(") AS page");
                }
                out.push_sql(" ORDER BY id LIMIT ");
                out.push_bind_param::<BigInt, _>(&self.limit)
            }
        }
    }

    fn walk_range<'b, DB>(&'b self, range: Range, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: Backend + HasSqlType<BigInt>,
        i64: ToSql<BigInt, DB>,
    {
        out.push_sql("SELECT id FROM tasks WHERE ");
        let project = self.project.as_ref().map(|project| &project.id);
        for (column, value) in [("project_id = ", project), ("assignee_id = ", self.assignee.as_ref())] {
            if let Some(value) = value {
                out.push_sql(column);
                out.push_bind_param::<BigInt, _>(value)?;
                out.push_sql(" AND ");
            }
        }
        if let Some((status, priority)) = range {
            // Constants of the enums, never a client's text.
            for part in ["status = '", status.as_str(), "' AND priority = '", priority.as_str(), "' AND "] {
                out.push_sql(part);
            }
        }
        out.push_sql("id > ");
        out.push_bind_param::<BigInt, _>(&self.after)?;
        out.push_sql(" ORDER BY id LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)
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
        out.push_sql("SELECT ");
        self.columns.walk_ast(out.reborrow())?;
        out.push_sql(" FROM ");
        if let Some(project) = &self.project {
            out.push_sql("projects LEFT JOIN members ON members.project_id = projects.id AND members.user_id = ");
            out.push_bind_param::<BigInt, _>(&project.reader)?;
            out.push_sql(" LEFT JOIN ");
        }
        out.push_sql("(");
        self.walk_page(&mut out)?;
        out.push_sql(if self.project.is_some() { ") AS page ON TRUE" } else { ") AS page" });
        out.push_sql(" LEFT JOIN tasks ON tasks.id = page.id LEFT JOIN users ON users.id = tasks.assignee_id");
        if let Some(project) = &self.project {
            out.push_sql(" WHERE projects.id = ");
            out.push_bind_param::<BigInt, _>(&project.id)?;
        }
        Ok(())
    }
}
