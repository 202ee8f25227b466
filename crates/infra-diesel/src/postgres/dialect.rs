//! What repositories do differently on PostgreSQL.

use super::{
    Connection, news,
    schema::{projects, users},
};
use crate::{lock::Lock, migration, stamp::Stamp};
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryResult,
    expression::functions::define_sql_function,
    migration::Migration,
    pg::Pg,
    sql_query,
    sql_types::{Array, BigInt, Integer, Text, Timestamptz, Uuid},
};
use diesel_async::RunQueryDsl;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use fasttrack_domain::notification::NotificationHead;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// The embedded migrations, by ascending version.
pub(super) fn migrations() -> Vec<Box<dyn Migration<Pg>>> {
    migration::known(&MIGRATIONS)
}

/// Locks the rows of a query, and leaves out those that are locked (`FOR UPDATE SKIP LOCKED`).
macro_rules! skip_locked {
    ($query:expr) => {
        $query.for_update().skip_locked()
    };
}
pub(super) use skip_locked;

define_sql_function! {
    /// A random UUID: 122 random bits.
    fn gen_random_uuid() -> Uuid;
}

define_sql_function! {
    /// The 16 bytes of a UUID.
    fn uuid_send(uuid: Uuid) -> Binary;
}

/// An expression for a random key of 16 bytes.
macro_rules! random_key {
    () => {
        $crate::postgres::dialect::uuid_send($crate::postgres::dialect::gen_random_uuid())
    };
}
pub(super) use random_key;

/// The first half of the key of our advisory locks, so that they differ from those of other programs on the server.
const LOCKS: i32 = 0x6661_7374;

/// The first halves of locks of which there are many.
const LOGINS: i32 = LOCKS + 1;
const NOTICES: i32 = LOCKS + 2;

/// Takes the lock until the transaction ends, once no other transaction has it.
pub(super) async fn lock(conn: &mut Connection, lock: Lock) -> QueryResult<()> {
    let (space, key) = match lock {
        Lock::Password(id) => {
            let row = users::table.find(id).select(users::id).for_no_key_update().first::<i64>(conn).await;
            return row.optional().map(drop);
        }
        Lock::Admins => (LOCKS, 1),
        Lock::Revocations => (LOCKS, 2),
        Lock::Outbox => (LOCKS, 3),
        Lock::Logins(network) => (LOGINS, network),
        // Users whose ids differ by a multiple of that share a lock.
        Lock::Notices(id) => (NOTICES, i32::try_from(id % 0x7fff_ffff).unwrap_or_default()),
    };
    sql_query("SELECT pg_advisory_xact_lock($1, $2)")
        .bind::<Integer, _>(space)
        .bind::<Integer, _>(key)
        .execute(conn)
        .await
        .map(drop)
}

/// Inserts sessions into the blocklist, by one statement.
pub(super) async fn revoke_sessions(conn: &mut Connection, ids: &[i64], until: Stamp) -> QueryResult<()> {
    sql_query(
        "INSERT INTO revocations (kind, subject, until) SELECT 'session', id::text, $1
             FROM unnest($2) WITH ORDINALITY AS ended (id, place) ORDER BY place",
    )
    .bind::<Timestamptz, _>(until)
    .bind::<Array<BigInt>, _>(ids)
    .execute(conn)
    .await
    .map(drop)
}

/// Which of these projects exist; they can't be deleted until the transaction ends.
///
/// The deletion of a project locks its row first, and then what refers to it. A transaction that changes what refers to
/// projects locks them first as well, in the order of their ids: so the two can't deadlock.
pub(super) async fn keep_projects(conn: &mut Connection, ids: Vec<i64>) -> QueryResult<Vec<i64>> {
    let projects = projects::table.filter(projects::id.eq_any(ids)).order(projects::id).select(projects::id);
    projects.for_key_share().load(conn).await
}

/// Notifies every node that listens, once the transaction commits.
pub(super) async fn notify(conn: &mut Connection, news: &[NotificationHead]) -> QueryResult<()> {
    for payload in news::payloads(news) {
        sql_query("SELECT pg_notify($1, $2)")
            .bind::<Text, _>(news::CHANNEL)
            .bind::<Text, _>(payload)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Takes the lock for changes of the schema until the connection is closed, once no other connection has it.
pub(super) async fn lock_schema(conn: &mut Connection) -> QueryResult<()> {
    sql_query("SELECT pg_advisory_lock($1, 0)").bind::<Integer, _>(LOCKS).execute(conn).await.map(drop)
}
