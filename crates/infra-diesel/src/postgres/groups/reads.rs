//! Tasks, and projects for tasks, that are read at the same time.

use super::{
    super::{
        columns::column,
        connection::Connection,
        repositories::task::find::{FindProject, FindTask, FoundProject, FoundTask},
        run_query_dsl::RunQueryDsl,
    },
    Group, Grouped, Groups,
};
use crate::Error;
use diesel::{
    Expression, SelectableHelper,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::QueryResult,
    sql_types::{Array, BigInt},
};
use fasttrack_domain::task::{TaskInProject, TaskProject};
use std::iter;

/// What is joined to what is asked for.
const TASKS: &str = " INNER JOIN tasks ON tasks.id = asked.id INNER JOIN projects ON projects.id = tasks.project_id \
     LEFT JOIN members ON members.project_id = tasks.project_id AND members.user_id = asked.reader \
     LEFT JOIN users ON users.id = tasks.assignee_id";
const PROJECTS: &str = " INNER JOIN projects ON projects.id = asked.id \
     LEFT JOIN members ON members.project_id = projects.id AND members.user_id = asked.reader";

// @decision DEC-0037
/// How many statements of a kind read at once. With one alone, a read would wait for the round trip of another; with many,
/// groups are small.
const AT_ONCE: usize = 4;

/// A query for rows of several ids, each for a reader.
struct FindAll<S> {
    columns: (Place, S),
    joined: &'static str,
    ids: Vec<i64>,
    readers: Vec<i64>,
}

impl<S> FindAll<S> {
    fn new(columns: S, joined: &'static str, ids: Vec<i64>, readers: Vec<i64>) -> Self {
        Self { columns: (Place, columns), joined, ids, readers }
    }
}

impl<S: Expression> Query for FindAll<S> {
    type SqlType = <(Place, S) as Expression>::SqlType;
}

impl<S> QueryId for FindAll<S> {
    type QueryId = ();
    // So the cache looks it up by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S: QueryFragment<Pg>> QueryFragment<Pg> for FindAll<S> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        self.columns.walk_ast(out.reborrow())?;
        out.push_sql(" FROM unnest(");
        out.push_bind_param::<Array<BigInt>, _>(&self.ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.readers)?;
        out.push_sql(") WITH ORDINALITY AS asked (id, reader, place)");
        out.push_sql(self.joined);
        Ok(())
    }
}

/// The column that says which of the ids a row has, from 1.
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

/// The answers, in the order in which they were asked for; the default where there is no row. A row that can't be read is left
/// to a statement of its own, which says why.
fn answers<R, A: Default>(count: usize, rows: Vec<(i64, R)>, answer: impl Fn(R) -> Result<A, Error>) -> Vec<Option<A>> {
    let mut answers: Vec<_> = iter::repeat_with(|| Some(A::default())).take(count).collect();
    for (place, row) in rows {
        if let Some(found) = usize::try_from(place).ok().and_then(|place| answers.get_mut(place.checked_sub(1)?)) {
            *found = answer(row).ok();
        }
    }
    answers
}

impl Grouped for FindTask {
    type Answer = Option<TaskInProject>;

    const AT_ONCE: usize = AT_ONCE;
    const ONLY_READS: bool = true;

    fn group(groups: &Groups) -> &Group<Self> {
        &groups.0.found_tasks
    }

    async fn run(conn: &mut Connection, asked: &[Self]) -> Result<Vec<Option<Option<TaskInProject>>>, Error> {
        let (ids, readers) = (column(asked, |find| find.id.get()), column(asked, |find| find.reader.get()));
        let rows = FindAll::new(FoundTask::as_select(), TASKS, ids, readers).load(conn).await?;
        Ok(answers(asked.len(), rows, |row: FoundTask| row.entity().map(Some)))
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
        let (ids, readers) = (column(asked, |find| find.id.get()), column(asked, |find| find.reader.get()));
        let rows = FindAll::new(FoundProject::as_select(), PROJECTS, ids, readers).load(conn).await?;
        Ok(answers(asked.len(), rows, |row: FoundProject| row.entity().map(Some)))
    }
}
