//! What the repositories ask of PostgreSQL alone.

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
use fasttrack_domain::notification::News;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// The migrations that are built in, in their order.
pub(super) fn migrations() -> Vec<Box<dyn Migration<Pg>>> {
    migration::known(&MIGRATIONS)
}

/// A query for rows to change: those that no other transaction is about to change.
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
    /// The bytes of a UUID.
    fn uuid_send(uuid: Uuid) -> Binary;
}

/// Another key at each evaluation.
macro_rules! random_key {
    () => {
        $crate::postgres::dialect::uuid_send($crate::postgres::dialect::gen_random_uuid())
    };
}
pub(super) use random_key;

/// The first half of every advisory lock's key: what keeps ours apart from other programs' on the same server.
const LOCKS: i32 = 0x6661_7374;

/// The same of locks of which there are many.
const LOGINS: i32 = LOCKS + 1;
const NOTICES: i32 = LOCKS + 2;

/// Waits until no other transaction has this lock, and has it until the transaction ends.
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
        // Users who are that far apart only wait for each other.
        Lock::Notices(id) => (NOTICES, i32::try_from(id % 0x7fff_ffff).unwrap_or_default()),
    };
    sql_query("SELECT pg_advisory_xact_lock($1, $2)")
        .bind::<Integer, _>(space)
        .bind::<Integer, _>(key)
        .execute(conn)
        .await
        .map(drop)
}

/// Puts sessions on the blocklist.
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

/// Which of these projects exist, and will until the transaction ends.
///
/// Whoever deletes a project locks its row first, and what refers to it afterwards. Before we touch a row of a
/// project's we do the same, in the order of ids: then neither can wait for the other who waits.
pub(super) async fn keep_projects(conn: &mut Connection, ids: Vec<i64>) -> QueryResult<Vec<i64>> {
    let projects = projects::table.filter(projects::id.eq_any(ids)).order(projects::id).select(projects::id);
    projects.for_key_share().load(conn).await
}

/// Tells every node that listens, when and if the transaction commits.
pub(super) async fn announce(conn: &mut Connection, news: &[News]) -> QueryResult<()> {
    for payload in news::payloads(news) {
        sql_query("SELECT pg_notify($1, $2)")
            .bind::<Text, _>(news::CHANNEL)
            .bind::<Text, _>(payload)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Waits until nobody else changes the schema, and lets nobody until the connection is closed.
pub(super) async fn lock_schema(conn: &mut Connection) -> QueryResult<()> {
    sql_query("SELECT pg_advisory_lock($1, 0)").bind::<Integer, _>(LOCKS).execute(conn).await.map(drop)
}
