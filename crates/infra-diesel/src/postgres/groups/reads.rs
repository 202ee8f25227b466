//! Tasks, projects for tasks and pages of projects' tasks that are read at the same time.

use super::{
    super::{
        columns::column,
        connection::Connection,
        repositories::task::{
            find::{FindProject, FindTask, FoundProject, FoundTask},
            found::TaskRow,
            pages::{FindPage, InProjectRow},
        },
        run_query_dsl::RunQueryDsl,
        schema::{members, users},
    },
    Group, Grouped, Groups,
};
use crate::Error;
use diesel::{
    Expression, NullableExpressionMethods, SelectableHelper,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::QueryResult,
    sql_types::{Array, BigInt},
};
use fasttrack_domain::{
    ports::task::ProjectTasks,
    task::{TaskInProject, TaskProject},
};

/// What is joined to what is asked for.
const TASKS: &str = " INNER JOIN tasks ON tasks.id = asked.id INNER JOIN projects ON projects.id = tasks.project_id \
     LEFT JOIN members ON members.project_id = tasks.project_id AND members.user_id = asked.reader \
     LEFT JOIN users ON users.id = tasks.assignee_id";
const PROJECTS: &str = " INNER JOIN projects ON projects.id = asked.id \
     LEFT JOIN members ON members.project_id = projects.id AND members.user_id = asked.reader";
const PAGES: &str = " INNER JOIN projects ON projects.id = asked.id \
     LEFT JOIN members ON members.project_id = projects.id AND members.user_id = asked.reader \
     LEFT JOIN LATERAL (SELECT * FROM tasks WHERE tasks.project_id = asked.id AND tasks.id > asked.after \
     ORDER BY tasks.id LIMIT asked.most) AS tasks ON TRUE LEFT JOIN users ON users.id = tasks.assignee_id";

// @decision DEC-0037
/// How many statements of a kind read at once. With one alone, a read would wait for the round trip of another; with more,
/// groups are small.
const AT_ONCE: usize = 2;

/// The most pages that are read together, as each has many rows.
const PAGES_AT_MOST: usize = 16;

/// A query for rows of several that are asked for. What is asked for each is in columns, of which this has the names.
struct FindAll<S, const N: usize> {
    columns: (Place, S),
    asked: [(&'static str, Vec<i64>); N],
    joined: &'static str,
}

impl<S, const N: usize> FindAll<S, N> {
    fn new(columns: S, asked: [(&'static str, Vec<i64>); N], joined: &'static str) -> Self {
        Self { columns: (Place, columns), asked, joined }
    }
}

impl<S: Expression, const N: usize> Query for FindAll<S, N> {
    type SqlType = <(Place, S) as Expression>::SqlType;
}

impl<S, const N: usize> QueryId for FindAll<S, N> {
    type QueryId = ();
    // So the cache looks it up by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S: QueryFragment<Pg>, const N: usize> QueryFragment<Pg> for FindAll<S, N> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        self.columns.walk_ast(out.reborrow())?;
        out.push_sql(" FROM unnest(");
        for (index, (_, values)) in self.asked.iter().enumerate() {
            out.push_sql(if index == 0 { "" } else { ", " });
            out.push_bind_param::<Array<BigInt>, _>(values)?;
        }
        out.push_sql(") WITH ORDINALITY AS asked (");
        for (name, _) in &self.asked {
            out.push_sql(name);
            out.push_sql(", ");
        }
        out.push_sql("place)");
        out.push_sql(self.joined);
        Ok(())
    }
}

/// The column that says for which of those that are asked for a row is, from 1.
struct Place;

impl Expression for Place {
    type SqlType = BigInt;
}

impl QueryFragment<Pg> for Place {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("asked.place");
        Ok(())
    }
}

/// The answers from the rows of each, in the order in which they were asked for. What can't be read is left to a statement of its
/// own, which says why.
fn answers<W, R, A>(
    asked: &[W],
    rows: Vec<(i64, R)>,
    answer: impl Fn(&W, Vec<R>) -> Result<A, Error>,
) -> Vec<Option<A>> {
    let mut found: Vec<_> = asked.iter().map(|_| Vec::new()).collect();
    for (place, row) in rows {
        if let Some(found) = usize::try_from(place).ok().and_then(|place| found.get_mut(place.checked_sub(1)?)) {
            found.push(row);
        }
    }
    asked.iter().zip(found).map(|(asked, rows)| answer(asked, rows).ok()).collect()
}

impl Grouped for FindTask {
    type Answer = Option<TaskInProject>;

    const AT_ONCE: usize = AT_ONCE;
    const ONLY_READS: bool = true;

    fn group(groups: &Groups) -> &Group<Self> {
        &groups.0.found_tasks
    }

    async fn run(conn: &mut Connection, asked: &[Self]) -> Result<Vec<Option<Option<TaskInProject>>>, Error> {
        let ids = [("id", column(asked, |find| find.id.get())), ("reader", column(asked, |find| find.reader.get()))];
        let rows = FindAll::new(FoundTask::as_select(), ids, TASKS).load(conn).await?;
        Ok(answers(asked, rows, |_, rows: Vec<FoundTask>| rows.into_iter().next().map(FoundTask::entity).transpose()))
    }
}

impl Grouped for FindProject {
    type Answer = Option<TaskProject>;

    const AT_ONCE: usize = AT_ONCE;
    const ONLY_READS: bool = true;

    fn group(groups: &Groups) -> &Group<Self> {
        &groups.0.found_projects
    }

    async fn run(conn: &mut Connection, asked: &[Self]) -> Result<Vec<Option<Option<TaskProject>>>, Error> {
        let ids = [("id", column(asked, |find| find.id.get())), ("reader", column(asked, |find| find.reader.get()))];
        let rows = FindAll::new(FoundProject::as_select(), ids, PROJECTS).load(conn).await?;
        Ok(answers(asked, rows, |_, rows: Vec<FoundProject>| {
            rows.into_iter().next().map(FoundProject::entity).transpose()
        }))
    }
}

impl Grouped for FindPage {
    type Answer = Option<ProjectTasks>;

    const AT_ONCE: usize = AT_ONCE;
    const MOST: usize = PAGES_AT_MOST;
    const ONLY_READS: bool = true;

    fn group(groups: &Groups) -> &Group<Self> {
        &groups.0.found_pages
    }

    async fn run(conn: &mut Connection, asked: &[Self]) -> Result<Vec<Option<Option<ProjectTasks>>>, Error> {
        let columns = [
            ("id", column(asked, |find| find.project.get())),
            ("reader", column(asked, |find| find.reader.get())),
            ("after", column(asked, FindPage::after)),
            ("most", column(asked, |find| find.page.fetch())),
        ];
        let row = (members::role.nullable(), Option::<TaskRow>::as_select(), users::display_name.nullable());
        let rows: Vec<(i64, InProjectRow)> = FindAll::new(row, columns, PAGES).load(conn).await?;
        Ok(answers(asked, rows, FindPage::tasks))
    }
}
