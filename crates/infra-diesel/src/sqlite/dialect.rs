//! What repositories do differently on SQLite.

use super::run_query_dsl::RunQueryDsl;
pub(super) use super::words::replace_words;
use super::{
    in_place::Connection,
    schema::{notification_heads, notifications},
};
use crate::{cached::Cached, lock::Lock, migration, sql_timestamp::SqlTimestamp};
use diesel::{
    ExpressionMethods, QueryResult, QueryableByName,
    expression::functions::define_sql_function,
    insert_into,
    migration::Migration,
    sql_query,
    sql_types::{BigInt, Integer, Text},
    sqlite::Sqlite,
    upsert::excluded,
};
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

/// Does nothing: there is one writer, so that no row is locked.
macro_rules! key_share {
    ($query:expr) => {
        $query
    };
}
pub(super) use key_share;

/// Does nothing: there is one writer, so that no row is locked.
macro_rules! share {
    ($query:expr) => {
        $query
    };
}
pub(super) use share;

/// Does nothing: there is one writer, so that no row is locked.
macro_rules! no_key_update {
    ($query:expr) => {
        $query
    };
}
pub(super) use no_key_update;

/// Does nothing: there is one writer, so that no row is locked.
macro_rules! for_update {
    ($query:expr) => {
        $query
    };
}
pub(super) use for_update;

/// Nothing: there is one writer, so that no row is locked.
pub(super) const FOR_NO_KEY_UPDATE: &str = "";

/// Nothing: there is one writer, so that no row is locked.
pub(super) const FOR_UPDATE: &str = "";

/// Nothing: there is one writer, so that no row is locked.
pub(super) const FOR_KEY_SHARE: &str = "";

/// What stands before and after a list of ids, made by [`id_list`], of which a column has to be one.
pub(super) const IS_AMONG: [&str; 2] = [" IN (SELECT value FROM json_each(", "))"];

/// A list of ids in one text, so that a query has the same text for any number of them.
pub(super) fn id_list(ids: &[impl ToString]) -> String {
    format!("[{}]", ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}

/// Whether rows that are joined to a single row are read in the order of an index. Here a limit ends the reading.
pub(super) const JOINS_KEEP_ORDER: bool = true;

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

/// Returns `true`: there is one writer.
pub(super) fn try_lock_reminders(_: &mut Connection) -> impl Future<Output = QueryResult<bool>> + Send {
    ready(Ok(true))
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

/// Inserts notifications: their users and numbers, who acted, contents and times.
pub(super) async fn insert_notifications(
    conn: &mut Connection,
    rows: Vec<([i64; 3], String, SqlTimestamp)>,
) -> QueryResult<()> {
    for ([user, seq, actor], content, at) in rows {
        let row = (
            notifications::user_id.eq(user),
            notifications::seq.eq(seq),
            notifications::actor_id.eq(actor),
            notifications::content.eq(content),
            notifications::created_at.eq(at),
        );
        insert_into(notifications::table).values(row).execute(conn).await?;
    }
    Ok(())
}

/// Does nothing: there is one writer.
pub(super) fn lock_audience(
    _: &mut Connection,
    _: &[i64],
    _: &[i64],
) -> impl Future<Output = QueryResult<()>> + Send + use<> {
    ready(Ok(()))
}

#[derive(QueryableByName)]
struct Grant {
    #[diesel(sql_type = BigInt)]
    user_id: i64,
    #[diesel(sql_type = BigInt)]
    place: i64,
}

async fn grants(conn: &mut Connection, statement: &str, wanted: &[(i64, i64)]) -> QueryResult<Vec<(i64, i64)>> {
    let list = wanted.iter().map(|(user, place)| format!("[{user},{place}]")).collect::<Vec<_>>().join(",");
    let statement = sql_query(statement).bind::<Text, _>(format!("[{list}]"));
    let grants = Cached(statement).load::<Grant>(conn).await?;
    Ok(grants.into_iter().map(|grant| (grant.user_id, grant.place)).collect())
}

/// Of these users and projects returns those where the user is a member and not erased.
pub(super) async fn members_among(conn: &mut Connection, wanted: &[(i64, i64)]) -> QueryResult<Vec<(i64, i64)>> {
    let statement = "SELECT members.user_id, members.project_id AS place \
         FROM json_each(?) AS wanted \
             CROSS JOIN members ON members.project_id = wanted.value ->> 1 AND members.user_id = wanted.value ->> 0 \
             CROSS JOIN users ON users.id = members.user_id AND users.erased_at IS NULL";
    grants(conn, statement, wanted).await
}

/// Of these users and tasks returns those where the task is assigned to the user, who is not erased.
pub(super) async fn assignees_among(conn: &mut Connection, wanted: &[(i64, i64)]) -> QueryResult<Vec<(i64, i64)>> {
    let statement = "SELECT tasks.assignee_id AS user_id, tasks.id AS place \
         FROM json_each(?) AS wanted \
             CROSS JOIN tasks ON tasks.id = wanted.value ->> 1 AND tasks.assignee_id = wanted.value ->> 0 \
             CROSS JOIN users ON users.id = tasks.assignee_id AND users.erased_at IS NULL";
    grants(conn, statement, wanted).await
}

/// Does nothing: there is one node.
pub(super) fn notify(
    _: &mut Connection,
    _: &[NotificationHead],
) -> impl Future<Output = QueryResult<()>> + Send + use<> {
    ready(Ok(()))
}
