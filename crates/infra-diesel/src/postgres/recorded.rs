//! A change and its events in one statement: one round trip, and no transaction around it.

use super::run_query_dsl::RunQueryDsl;
use super::{columns::Events, connection::Connection, repositories::quota::Counter};
use crate::{Error, cached::Cached};
use diesel::{
    AppearsOnTable, Expression, OptionalExtension, QueryResult,
    expression::ValidGrouping,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::{DatabaseErrorKind, Error as QueryError},
    sql_query,
    sql_types::{Array, BigInt, Text, Timestamptz},
};
use fasttrack_domain::{
    event::{TaskEvent, Touched},
    ports::constraint,
};

// @decision DEC-0025
/// Inserts a row, counts it, and inserts its events and, of a task, its words. `statement` inserts it, with [`counted`] as the
/// id of the row that counts it, and returns the new id. `created` is the path of that id in an event's payload.
///
/// `Conflict` with [`constraint::QUOTA`] or [`constraint::REFERENCE`], as of the two statements.
pub(super) async fn insert<S>(
    conn: &mut Connection,
    counter: Counter,
    statement: S,
    created: &'static str,
    words: Option<String>,
    events: impl FnOnce(i64) -> Vec<TaskEvent>,
) -> Result<i64, Error>
where
    S: QueryFragment<Pg> + Send,
{
    let mut columns = Events::default();
    columns.add(&events(0))?;
    let recorded = Recorded { counter: Some(&counter), statement, words, events: columns, created: Some(created) };
    match Cached(recorded).get_result(conn).await {
        // No value but that of `Counted` is NULL.
        Err(QueryError::DatabaseError(DatabaseErrorKind::NotNullViolation, _)) => {
            let exists = format!("SELECT id FROM {} WHERE id = $1", counter.table);
            let row = sql_query(exists).bind::<BigInt, _>(counter.id).execute(conn).await?;
            Err(Error::Conflict(if row == 0 { constraint::REFERENCE } else { constraint::QUOTA }))
        }
        inserted => Ok(inserted?),
    }
}

/// Updates the row of a task, and writes its words, if they are given, and the events of the change. `statement` returns
/// the row's id. Returns whether it found the row.
pub(super) async fn update<S>(
    conn: &mut Connection,
    statement: S,
    words: Option<String>,
    events: &[TaskEvent],
    touched: &[Touched],
) -> Result<bool, Error>
where
    S: QueryFragment<Pg> + Send,
{
    let mut columns = Events::default();
    columns.add(events)?;
    columns.add(touched)?;
    let recorded = Recorded { counter: None, statement, words, events: columns, created: None };
    Ok(Cached(recorded).get_result::<i64>(conn).await.optional()?.is_some())
}

struct Recorded<'a, S> {
    counter: Option<&'a Counter>,
    statement: S,
    /// The words of the task that `statement` returns.
    words: Option<String>,
    events: Events,
    /// The path of the new id in the payload of an event.
    created: Option<&'static str>,
}

impl<S> Query for Recorded<'_, S> {
    type SqlType = BigInt;
}

impl<S: QueryFragment<Pg>> QueryFragment<Pg> for Recorded<'_, S> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH ");
        if let Some(counter) = self.counter {
            out.push_sql("counted AS (");
            counter.walk_ast(out.reborrow())?;
            out.push_sql(" RETURNING id), ");
        }
        out.push_sql("changed AS (");
        self.statement.walk_ast(out.reborrow())?;
        if let Some(words) = &self.words {
            out.push_sql(
                "), indexed AS (INSERT INTO task_words (task_id, words) \
                 SELECT id, array_to_tsvector(string_to_array(",
            );
            out.push_bind_param::<Text, _>(words)?;
            out.push_sql(", ' ')) FROM changed ON CONFLICT (task_id) DO UPDATE SET words = excluded.words");
        }
        out.push_sql("), recorded AS (INSERT INTO events (kind, payload, created_at) SELECT kind, ");
        match self.created {
            Some(path) => {
                for part in ["jsonb_set(payload::jsonb, '", path, "', to_jsonb(changed.id))::text"] {
                    out.push_sql(part);
                }
            }
            None => out.push_sql("payload"),
        }
        out.push_sql(", at FROM changed, unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.events.kinds)?;
        out.push_sql("::text[], ");
        out.push_bind_param::<Array<Text>, _>(&self.events.payloads)?;
        out.push_sql("::text[], ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.events.times)?;
        out.push_sql("::timestamptz[]) WITH ORDINALITY AS event (kind, payload, at, place) ORDER BY place) SELECT id FROM changed");
        Ok(())
    }
}

/// For [`insert`]: the id of the row that counts the new one.
pub(super) fn counted(_: &Counter) -> Counted {
    Counted
}

/// NULL where the quota is exceeded, or where there is no such row: then the statement fails, and nothing is counted.
#[derive(QueryId, ValidGrouping)]
pub(super) struct Counted;

impl Expression for Counted {
    type SqlType = BigInt;
}

impl<From: ?Sized> AppearsOnTable<From> for Counted {}

impl QueryFragment<Pg> for Counted {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(SELECT id FROM counted)");
        Ok(())
    }
}
