//! Inserts of many rows, and the transactions and sequences of a copy, on SQLite.

use super::in_place::Connection;
use super::run_query_dsl::RunQueryDsl;
use diesel::{
    Insertable, OptionalExtension, QueryResult, Table, insert_into,
    query_builder::InsertStatement,
    sql_query,
    sql_types::{BigInt, Text},
};
use diesel_async::{SimpleAsyncConnection, methods::ExecuteDsl};

/// Begins a transaction that reads all tables as they are at one moment.
pub(super) async fn begin_reading(conn: &mut Connection) -> QueryResult<()> {
    conn.batch_execute("BEGIN").await
}

/// Begins a transaction that keeps all others from writing, and in which rows are inserted before those of the same table
/// that they refer to.
pub(super) async fn begin_writing(conn: &mut Connection) -> QueryResult<()> {
    conn.batch_execute("BEGIN IMMEDIATE; PRAGMA defer_foreign_keys = ON").await
}

pub(super) async fn commit(conn: &mut Connection) -> QueryResult<()> {
    conn.batch_execute("COMMIT").await
}

/// Inserts rows as they are, with their ids.
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

/// The same as [`insert`]: only PostgreSQL has a statement of its own for a few rows.
pub(super) async fn insert_few<T, R>(conn: &mut Connection, table: T, rows: Vec<R>) -> QueryResult<()>
where
    T: Table + Copy,
    R: Insertable<T>,
    InsertStatement<T, R::Values>: ExecuteDsl<Connection>,
{
    insert(conn, table, rows).await
}

/// Splits rows into what one statement each can insert.
pub(super) fn batches<R>(rows: Vec<R>) -> impl Iterator<Item = R> {
    rows.into_iter()
}

#[derive(diesel::QueryableByName)]
struct Sequence {
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

/// The highest id that the table's sequence has generated; 0 where it has none.
pub(super) async fn last_id(conn: &mut Connection, table: &str) -> QueryResult<i64> {
    let query = sql_query("SELECT seq FROM sqlite_sequence WHERE name = ?").bind::<Text, _>(table);
    Ok(query.get_result::<Sequence>(conn).await.optional()?.map_or(0, |sequence| sequence.seq))
}

/// Makes the table's sequence go on above `last`, and above all that it has generated.
pub(super) async fn continue_ids(conn: &mut Connection, table: &str, last: i64) -> QueryResult<()> {
    let last = last.max(last_id(conn, table).await?);
    // `sqlite_sequence` has no unique key, which an upsert needs.
    sql_query("DELETE FROM sqlite_sequence WHERE name = ?").bind::<Text, _>(table).execute(conn).await?;
    sql_query("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)")
        .bind::<Text, _>(table)
        .bind::<BigInt, _>(last)
        .execute(conn)
        .await
        .map(drop)
}
