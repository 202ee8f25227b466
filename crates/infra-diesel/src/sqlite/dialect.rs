//! What repositories do differently on SQLite.

use super::{
    in_place::Connection,
    schema::{notification_heads, notifications},
};
use crate::{cached::Cached, lock::Lock, migration, sql_timestamp::SqlTimestamp};
use diesel::{
    ExpressionMethods, QueryResult,
    expression::functions::define_sql_function,
    insert_into,
    migration::Migration,
    sql_query,
    sql_types::{BigInt, Integer, Text},
    sqlite::Sqlite,
    upsert::excluded,
};
use diesel_async::RunQueryDsl;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use fasttrack_domain::notification::NotificationHead;
use std::{
    collections::BTreeMap,
    future::{Future, ready},
};

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
pub(super) async fn revoke_sessions(conn: &mut Connection, ids: &[i64], until: SqlTimestamp) -> QueryResult<()> {
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

/// Adds to the statistics of those projects that still exist, and returns how many those are.
pub(super) async fn add_statistics(conn: &mut Connection, rows: &[([i64; 4], SqlTimestamp)]) -> QueryResult<usize> {
    let mut count = 0;
    for &([project, todo, in_progress, done], at) in rows {
        let statement = sql_query(
            "INSERT INTO project_statistics (project_id, todo, in_progress, done, updated_at) \
             SELECT id, ?2, ?3, ?4, ?5 FROM projects WHERE id = ?1 \
             ON CONFLICT (project_id) DO UPDATE SET todo = todo + excluded.todo, \
                 in_progress = in_progress + excluded.in_progress, done = done + excluded.done, \
                 updated_at = max(updated_at, excluded.updated_at)",
        );
        let statement = statement.bind::<BigInt, _>(project).bind::<BigInt, _>(todo).bind::<BigInt, _>(in_progress);
        count += Cached(statement.bind::<BigInt, _>(done).bind::<BigInt, _>(at)).execute(conn).await?;
    }
    Ok(count)
}

/// Adds these numbers to the last numbers of users, and returns the results by ascending user.
pub(super) async fn raise_heads(conn: &mut Connection, counts: BTreeMap<i64, i64>) -> QueryResult<Vec<(i64, i64)>> {
    let mut heads = Vec::with_capacity(counts.len());
    for (user, count) in counts {
        let raised = insert_into(notification_heads::table)
            .values((
                notification_heads::user_id.eq(user),
                notification_heads::last_seq.eq(count),
                notification_heads::read_up_to.eq(0),
            ))
            .on_conflict(notification_heads::user_id)
            .do_update()
            .set(notification_heads::last_seq.eq(notification_heads::last_seq + excluded(notification_heads::last_seq)))
            .returning(notification_heads::last_seq);
        heads.push((user, Cached(raised).get_result(conn).await?));
    }
    Ok(heads)
}

/// Inserts notifications: their users, numbers, contents and times.
pub(super) async fn insert_notifications(
    conn: &mut Connection,
    rows: Vec<(i64, i64, String, SqlTimestamp)>,
) -> QueryResult<()> {
    for (user, seq, content, at) in rows {
        let row = (
            notifications::user_id.eq(user),
            notifications::seq.eq(seq),
            notifications::content.eq(content),
            notifications::created_at.eq(at),
        );
        insert_into(notifications::table).values(row).execute(conn).await?;
    }
    Ok(())
}

/// Does nothing: there is one node.
pub(super) fn notify(
    _: &mut Connection,
    _: &[NotificationHead],
) -> impl Future<Output = QueryResult<()>> + Send + use<> {
    ready(Ok(()))
}
