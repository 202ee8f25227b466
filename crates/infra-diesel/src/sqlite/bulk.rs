//! Many rows at once, and what else copying asks of SQLite alone.

use super::Connection;
use diesel::{
    Insertable, OptionalExtension, QueryResult, Table, insert_into,
    query_builder::InsertStatement,
    sql_query,
    sql_types::{BigInt, Text},
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection, methods::ExecuteDsl};

/// What is read from now on is as it is now.
pub(super) async fn begin_reading(conn: &mut Connection) -> QueryResult<()> {
    conn.batch_execute("BEGIN").await
}

/// Nobody else writes from now on.
pub(super) async fn begin_writing(conn: &mut Connection) -> QueryResult<()> {
    conn.batch_execute("BEGIN IMMEDIATE").await
}

pub(super) async fn commit(conn: &mut Connection) -> QueryResult<()> {
    conn.batch_execute("COMMIT").await
}

/// Inserts rows, with the ids that they have.
pub(super) async fn insert<T, R>(conn: &mut Connection, table: T, rows: Vec<R>) -> QueryResult<()>
where
    T: Table + Copy,
    R: Insertable<T>,
    InsertStatement<T, R::Values>: ExecuteDsl<Connection>,
{
    for row in rows {
        insert_into(table).values(row).execute(conn).await?;
    }
    Ok(())
}

/// Rows as one statement each takes them.
pub(super) fn batches<R>(rows: Vec<R>) -> impl Iterator<Item = R> {
    rows.into_iter()
}

#[derive(diesel::QueryableByName)]
struct Sequence {
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

/// The highest id that a row of the table ever had; 0 where it never had one.
pub(super) async fn last_id(conn: &mut Connection, table: &str) -> QueryResult<i64> {
    let query = sql_query("SELECT seq FROM sqlite_sequence WHERE name = ?").bind::<Text, _>(table);
    Ok(query.get_result::<Sequence>(conn).await.optional()?.map_or(0, |sequence| sequence.seq))
}

/// Gives out only ids above `last`, and above all that it gave out before.
pub(super) async fn continue_ids(conn: &mut Connection, table: &str, last: i64) -> QueryResult<()> {
    let last = last.max(last_id(conn, table).await?);
    // The table has no key that an upsert could go by.
    sql_query("DELETE FROM sqlite_sequence WHERE name = ?").bind::<Text, _>(table).execute(conn).await?;
    sql_query("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)")
        .bind::<Text, _>(table)
        .bind::<BigInt, _>(last)
        .execute(conn)
        .await
        .map(drop)
}
