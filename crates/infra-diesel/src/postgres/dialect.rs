//! What repositories do differently on PostgreSQL.

use super::{connection::Connection, news, schema::users};
use crate::{cached::Cached, lock::Lock, migration, sql_timestamp::SqlTimestamp};
use diesel::{
    OptionalExtension, QueryDsl, QueryResult, QueryableByName,
    expression::functions::define_sql_function,
    migration::Migration,
    pg::Pg,
    sql_query,
    sql_types::{Array, BigInt, Integer, Text, Timestamptz, Uuid},
};
use diesel_async::RunQueryDsl;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use fasttrack_domain::notification::NotificationHead;
use std::collections::BTreeMap;

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
    let statement = sql_query("SELECT pg_advisory_xact_lock($1, $2)").bind::<Integer, _>(space).bind::<Integer, _>(key);
    Cached(statement).execute(conn).await.map(drop)
}

/// Inserts sessions into the blocklist, by one statement.
pub(super) async fn revoke_sessions(conn: &mut Connection, ids: &[i64], until: SqlTimestamp) -> QueryResult<()> {
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

/// Adds to the statistics of those projects that still exist, and returns how many those are.
///
/// The deletion of a project locks its row first, and then what refers to it. A transaction that changes what refers to
/// projects locks them first as well, in the order of their ids: so the two can't deadlock.
pub(super) async fn add_statistics(conn: &mut Connection, rows: &[([i64; 4], SqlTimestamp)]) -> QueryResult<usize> {
    let column = |place: usize| rows.iter().map(|(numbers, _)| numbers[place]).collect::<Vec<_>>();
    let statement = sql_query(
        "WITH kept AS (SELECT id FROM projects WHERE id = ANY($1) ORDER BY id FOR KEY SHARE) \
         INSERT INTO project_statistics AS kept_statistics (project_id, todo, in_progress, done, updated_at) \
         SELECT added.* FROM unnest($1, $2, $3, $4, $5) AS added (project_id, todo, in_progress, done, updated_at) \
             JOIN kept ON kept.id = added.project_id ORDER BY kept.id \
         ON CONFLICT (project_id) DO UPDATE SET todo = kept_statistics.todo + excluded.todo, \
             in_progress = kept_statistics.in_progress + excluded.in_progress, \
             done = kept_statistics.done + excluded.done, \
             updated_at = greatest(kept_statistics.updated_at, excluded.updated_at)",
    );
    let statement = statement.bind::<Array<BigInt>, _>(column(0)).bind::<Array<BigInt>, _>(column(1));
    let statement = statement.bind::<Array<BigInt>, _>(column(2)).bind::<Array<BigInt>, _>(column(3));
    let times = rows.iter().map(|(_, at)| *at).collect::<Vec<_>>();
    Cached(statement.bind::<Array<Timestamptz>, _>(times)).execute(conn).await
}

#[derive(QueryableByName)]
struct Head {
    #[diesel(sql_type = BigInt)]
    user_id: i64,
    #[diesel(sql_type = BigInt)]
    last_seq: i64,
}

/// Adds these numbers to the last numbers of users, and returns the results by ascending user.
pub(super) async fn raise_heads(conn: &mut Connection, counts: BTreeMap<i64, i64>) -> QueryResult<Vec<(i64, i64)>> {
    let statement = sql_query(
        "WITH raised AS (INSERT INTO notification_heads AS head (user_id, last_seq, read_up_to) \
             SELECT user_id, count, 0 FROM unnest($1, $2) AS added (user_id, count) ORDER BY user_id \
             ON CONFLICT (user_id) DO UPDATE SET last_seq = head.last_seq + excluded.last_seq \
             RETURNING user_id, last_seq) \
         SELECT user_id, last_seq FROM raised ORDER BY user_id",
    );
    let (users, counts): (Vec<_>, Vec<_>) = counts.into_iter().unzip();
    let statement = statement.bind::<Array<BigInt>, _>(users).bind::<Array<BigInt>, _>(counts);
    let heads = Cached(statement).load::<Head>(conn).await?;
    Ok(heads.into_iter().map(|head| (head.user_id, head.last_seq)).collect())
}

/// Inserts notifications, by one statement: their users, numbers, contents and times.
pub(super) async fn insert_notifications(
    conn: &mut Connection,
    rows: Vec<(i64, i64, String, SqlTimestamp)>,
) -> QueryResult<()> {
    let (mut users, mut numbers, mut contents, mut times) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (user, seq, content, at) in rows {
        users.push(user);
        numbers.push(seq);
        contents.push(content);
        times.push(at);
    }
    let statement =
        sql_query("INSERT INTO notifications (user_id, seq, content, created_at) SELECT * FROM unnest($1, $2, $3, $4)");
    let statement = statement.bind::<Array<BigInt>, _>(users).bind::<Array<BigInt>, _>(numbers);
    let statement = statement.bind::<Array<Text>, _>(contents).bind::<Array<Timestamptz>, _>(times);
    Cached(statement).execute(conn).await.map(drop)
}

/// Notifies every node that listens, once the transaction commits.
pub(super) async fn notify(conn: &mut Connection, news: &[NotificationHead]) -> QueryResult<()> {
    for payload in news::payloads(news) {
        let statement = sql_query("SELECT pg_notify($1, $2)").bind::<Text, _>(news::CHANNEL).bind::<Text, _>(payload);
        Cached(statement).execute(conn).await?;
    }
    Ok(())
}

/// Takes the lock for changes of the schema until the connection is closed, once no other connection has it.
pub(super) async fn lock_schema(conn: &mut Connection) -> QueryResult<()> {
    sql_query("SELECT pg_advisory_lock($1, 0)").bind::<Integer, _>(LOCKS).execute(conn).await.map(drop)
}
