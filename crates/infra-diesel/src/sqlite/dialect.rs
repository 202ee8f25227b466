//! What repositories do differently on SQLite.

use super::{Connection, schema::projects};
use crate::{lock::Lock, migration, stamp::Stamp};
use diesel::{
    ExpressionMethods, QueryDsl, QueryResult,
    expression::functions::define_sql_function,
    migration::Migration,
    sql_query,
    sql_types::{BigInt, Integer, Text},
    sqlite::Sqlite,
};
use diesel_async::RunQueryDsl;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use fasttrack_domain::notification::NotificationHead;
use std::future::{Future, ready};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// The embedded migrations, by ascending version.
pub(super) fn migrations() -> Vec<Box<dyn Migration<Sqlite>>> {
    migration::known(&MIGRATIONS)
}

/// Does nothing: there is one writer, so that no row is locked.
macro_rules! skip_locked {
    ($query:expr) => {
        $query
    };
}
pub(super) use skip_locked;

define_sql_function! {
    /// `length` random bytes.
    fn randomblob(length: Integer) -> Binary;
}

/// An expression for a random key of 16 bytes.
macro_rules! random_key {
    () => {
        $crate::sqlite::dialect::randomblob(16)
    };
}
pub(super) use random_key;

/// Does nothing: there is one writer.
pub(super) fn lock(_: &mut Connection, _: Lock) -> impl Future<Output = QueryResult<()>> + Send {
    ready(Ok(()))
}

/// Inserts sessions into the blocklist, by one statement.
pub(super) async fn revoke_sessions(conn: &mut Connection, ids: &[i64], until: Stamp) -> QueryResult<()> {
    let list = format!("[{}]", ids.iter().map(i64::to_string).collect::<Vec<_>>().join(","));
    sql_query(
        "INSERT INTO revocations (kind, subject, until) SELECT 'session', CAST(value AS TEXT), ? FROM json_each(?)",
    )
    .bind::<BigInt, _>(until)
    .bind::<Text, _>(list)
    .execute(conn)
    .await
    .map(drop)
}

/// Which of these projects exist; they can't be deleted until the transaction ends.
pub(super) async fn keep_projects(conn: &mut Connection, ids: Vec<i64>) -> QueryResult<Vec<i64>> {
    projects::table.filter(projects::id.eq_any(ids)).select(projects::id).load(conn).await
}

/// Does nothing: there is one node.
pub(super) fn notify(
    _: &mut Connection,
    _: &[NotificationHead],
) -> impl Future<Output = QueryResult<()>> + Send + use<> {
    ready(Ok(()))
}
