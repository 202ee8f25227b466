//! What repositories do differently on PostgreSQL.

use super::run_query_dsl::RunQueryDsl;
use super::{
    connection::Connection,
    news,
    schema::{projects, users},
};
use crate::{cached::Cached, lock::Lock, migration, sql_timestamp::SqlTimestamp};
use diesel::{
    OptionalExtension, QueryDsl, QueryResult, QueryableByName,
    expression::functions::define_sql_function,
    migration::Migration,
    pg::Pg,
    select, sql_query,
    sql_types::{Array, BigInt, Integer, Text, Timestamptz, Uuid},
};
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

/// Locks the rows of a query, so that no other transaction deletes them or changes a unique key (`FOR KEY SHARE`).
macro_rules! key_share {
    ($query:expr) => {
        $query.for_key_share()
    };
}
pub(super) use key_share;

/// Locks the rows of a query, so that no other transaction changes them, and others can lock them in the same way
/// (`FOR SHARE`).
macro_rules! share {
    ($query:expr) => {
        $query.for_share()
    };
}
pub(super) use share;

/// Locks the rows of a query, so that no other transaction changes them (`FOR NO KEY UPDATE`).
macro_rules! no_key_update {
    ($query:expr) => {
        $query.for_no_key_update()
    };
}
pub(super) use no_key_update;

/// Locks the rows of a query, so that no other transaction changes them or refers to them (`FOR UPDATE`).
macro_rules! for_update {
    ($query:expr) => {
        $query.for_update()
    };
}
pub(super) use for_update;

/// Ends a query whose rows no other transaction changes.
pub(super) const FOR_NO_KEY_UPDATE: &str = " FOR NO KEY UPDATE";

/// Ends a query whose rows no other transaction changes or refers to.
pub(super) const FOR_UPDATE: &str = " FOR UPDATE";

/// Ends a query whose rows no other transaction deletes, or locks for an erasure.
pub(super) const FOR_KEY_SHARE: &str = " FOR KEY SHARE";

/// What stands before and after a list of ids, made by [`id_list`], of which a column has to be one.
pub(super) const IS_AMONG: [&str; 2] = [" = ANY(", "::bigint[])"];

/// A list of ids in one text, so that a query has the same text for any number of them.
pub(super) fn id_list(ids: &[impl ToString]) -> String {
    format!("{{{}}}", ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}

/// Whether rows that are joined to a single row are read in the order of an index. Here all of them are read and sorted.
pub(super) const JOINS_KEEP_ORDER: bool = false;

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
const ADDRESSES: i32 = LOCKS + 3;

/// Takes the lock until the transaction ends, once no other transaction has it.
pub(super) async fn lock(conn: &mut Connection, lock: Lock) -> QueryResult<()> {
    let (space, key) = match lock {
        Lock::Password(id) => {
            let row = users::table.find(id).select(users::id).for_no_key_update().first::<i64>(conn).await;
            return row.optional().map(drop);
        }
        Lock::Project(id) => {
            let row = projects::table.find(id).select(projects::id).for_no_key_update().first::<i64>(conn).await;
            return row.optional().map(drop);
        }
        Lock::Erasure(id) => {
            let row = users::table.find(id).select(users::id).for_update().first::<i64>(conn).await;
            return row.optional().map(drop);
        }
        Lock::Admins => (LOCKS, 1),
        Lock::Revocations => (LOCKS, 2),
        Lock::Outbox => (LOCKS, 3),
        Lock::Logins(network) => (LOGINS, network),
        Lock::Address(key) => (ADDRESSES, key),
        // Users whose ids differ by a multiple of that share a lock.
        Lock::Notices(id) => (NOTICES, i32::try_from(id % 0x7fff_ffff).unwrap_or_default()),
    };
    let statement = sql_query("SELECT pg_advisory_xact_lock($1, $2)").bind::<Integer, _>(space).bind::<Integer, _>(key);
    Cached(statement).execute(conn).await.map(drop)
}

define_sql_function! {
    /// Takes a lock until the transaction ends, unless another transaction has it. Whether it was taken.
    fn pg_try_advisory_xact_lock(space: Integer, key: Integer) -> Bool;
}

/// Takes the lock for giving reminders until the transaction ends. Returns `false` where another transaction has it.
pub(super) async fn try_lock_reminders(conn: &mut Connection) -> QueryResult<bool> {
    select(pg_try_advisory_xact_lock(LOCKS, 4)).get_result(conn).await
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

/// Inserts notifications, by one statement: their users and numbers, who acted, contents and times.
pub(super) async fn insert_notifications(
    conn: &mut Connection,
    rows: Vec<([i64; 3], String, SqlTimestamp)>,
) -> QueryResult<()> {
    let column = |place: usize| rows.iter().map(|(ids, ..)| ids[place]).collect::<Vec<_>>();
    let statement = sql_query(
        "INSERT INTO notifications (user_id, seq, actor_id, content, created_at) \
         SELECT * FROM unnest($1, $2, $3, $4, $5)",
    );
    let statement = statement.bind::<Array<BigInt>, _>(column(0)).bind::<Array<BigInt>, _>(column(1));
    let statement = statement.bind::<Array<BigInt>, _>(column(2));
    let (contents, times): (Vec<_>, Vec<_>) = rows.into_iter().map(|(_, content, at)| (content, at)).unzip();
    let statement = statement.bind::<Array<Text>, _>(contents).bind::<Array<Timestamptz>, _>(times);
    Cached(statement).execute(conn).await.map(drop)
}

/// Writes the words of tasks, by their ids, in place of those that are there.
pub(super) async fn replace_words(conn: &mut Connection, rows: Vec<(i64, String)>) -> QueryResult<()> {
    let statement = sql_query(
        "INSERT INTO task_words (task_id, words) SELECT task_id, array_to_tsvector(string_to_array(words, ' ')) \
             FROM unnest($1, $2) AS written (task_id, words) ORDER BY task_id \
         ON CONFLICT (task_id) DO UPDATE SET words = excluded.words",
    );
    let (tasks, words): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    Cached(statement.bind::<Array<BigInt>, _>(tasks).bind::<Array<Text>, _>(words)).execute(conn).await.map(drop)
}

/// Locks what grants access: first projects and users, so that neither can be deleted or erased meanwhile. The deletion of
/// a project and the erasure of a user lock these rows before any other.
pub(super) async fn lock_audience(conn: &mut Connection, projects: &[i64], users: &[i64]) -> QueryResult<()> {
    let statement = sql_query(
        "WITH kept AS (SELECT id FROM projects WHERE id = ANY($1) ORDER BY id FOR KEY SHARE), \
             readers AS (SELECT id FROM users WHERE id = ANY($2) ORDER BY id FOR KEY SHARE) \
         SELECT (SELECT count(*) FROM kept) + (SELECT count(*) FROM readers)",
    );
    Cached(statement.bind::<Array<BigInt>, _>(projects).bind::<Array<BigInt>, _>(users)).execute(conn).await.map(drop)
}

#[derive(QueryableByName)]
struct Grant {
    #[diesel(sql_type = BigInt)]
    user_id: i64,
    #[diesel(sql_type = BigInt)]
    place: i64,
}

async fn grants(conn: &mut Connection, statement: &str, wanted: &[(i64, i64)]) -> QueryResult<Vec<(i64, i64)>> {
    let (users, places): (Vec<_>, Vec<_>) = wanted.iter().copied().unzip();
    let statement = sql_query(statement).bind::<Array<BigInt>, _>(users).bind::<Array<BigInt>, _>(places);
    let grants = Cached(statement).load::<Grant>(conn).await?;
    Ok(grants.into_iter().map(|grant| (grant.user_id, grant.place)).collect())
}

/// Of these users and projects returns those where the user is a member and not erased, and locks the memberships.
pub(super) async fn members_among(conn: &mut Connection, wanted: &[(i64, i64)]) -> QueryResult<Vec<(i64, i64)>> {
    let statement = "SELECT members.user_id, members.project_id AS place \
         FROM unnest($1, $2) AS wanted (user_id, project_id) \
             JOIN members ON members.project_id = wanted.project_id AND members.user_id = wanted.user_id \
             JOIN users ON users.id = members.user_id AND users.erased_at IS NULL \
         ORDER BY members.project_id, members.user_id FOR KEY SHARE OF members";
    grants(conn, statement, wanted).await
}

/// Of these users and tasks returns those where the task is assigned to the user, who is not erased, and locks the tasks.
pub(super) async fn assignees_among(conn: &mut Connection, wanted: &[(i64, i64)]) -> QueryResult<Vec<(i64, i64)>> {
    let statement = "SELECT tasks.assignee_id AS user_id, tasks.id AS place \
         FROM unnest($1, $2) AS wanted (user_id, task_id) \
             JOIN tasks ON tasks.id = wanted.task_id AND tasks.assignee_id = wanted.user_id \
             JOIN users ON users.id = tasks.assignee_id AND users.erased_at IS NULL \
         ORDER BY tasks.id FOR SHARE OF tasks";
    grants(conn, statement, wanted).await
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
