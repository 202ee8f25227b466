//! What the repositories ask of PostgreSQL alone.

use super::{Connection, schema::users};
use crate::{lock::Lock, migration};
use diesel::{OptionalExtension, QueryDsl, QueryResult, migration::Migration, pg::Pg, sql_query, sql_types::Integer};
use diesel_async::RunQueryDsl;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

pub(super) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// The migrations that are built in, in their order.
pub(super) fn migrations() -> Vec<Box<dyn Migration<Pg>>> {
    migration::known(&MIGRATIONS)
}

/// The first half of every advisory lock's key: what keeps ours apart from other programs' on the same server.
const LOCKS: i32 = 0x6661_7374;

/// Waits until no other transaction has this lock, and has it until the transaction ends.
pub(super) async fn lock(conn: &mut Connection, lock: Lock) -> QueryResult<()> {
    let key = match lock {
        Lock::User(id) => {
            let row = users::table.find(id).select(users::id).for_share().first::<i64>(conn).await;
            return row.optional().map(drop);
        }
        Lock::Admins => 1,
        Lock::Revocations => 2,
    };
    sql_query("SELECT pg_advisory_xact_lock($1, $2)")
        .bind::<Integer, _>(LOCKS)
        .bind::<Integer, _>(key)
        .execute(conn)
        .await
        .map(drop)
}

/// Waits until nobody else changes the schema, and lets nobody until the connection is closed.
pub(super) async fn lock_schema(conn: &mut Connection) -> QueryResult<()> {
    sql_query("SELECT pg_advisory_lock($1, 0)").bind::<Integer, _>(LOCKS).execute(conn).await.map(drop)
}
