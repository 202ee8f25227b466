//! Writes the rows of the change feed on PostgreSQL, by one statement.

use super::run_query_dsl::RunQueryDsl;
use super::{columns::column, connection::Connection};
use crate::{
    cached::Cached,
    change_row::{ChangeRow, UserChangeRow},
};
use diesel::{
    QueryResult, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz},
};

/// A user is left out who is erased by then, and can't be erased before the transaction ends.
const WRITE: &str = "WITH numbered AS (INSERT INTO change_feed (feed, seq, pruned_seq) VALUES (1, $1, 0) \
         ON CONFLICT (feed) DO UPDATE SET seq = change_feed.seq + excluded.seq RETURNING seq - $1 AS before), \
     readers AS (SELECT id FROM users WHERE id = ANY($2::bigint[]) AND erased_at IS NULL ORDER BY id FOR KEY SHARE), \
     of_users AS (INSERT INTO user_changes (user_id, kind, thing_id, task_id, project_id, seq, lost_seq, changed_at) \
         SELECT added.user_id, added.kind, added.thing_id, added.task_id, added.project_id, before + added.place, \
             before + added.lost_place, added.changed_at \
         FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], \
                 $9::timestamptz[]) \
             AS added (user_id, kind, thing_id, task_id, project_id, place, lost_place, changed_at) \
             JOIN readers ON readers.id = added.user_id CROSS JOIN numbered \
         ON CONFLICT (user_id, kind, thing_id) DO UPDATE SET project_id = excluded.project_id, seq = excluded.seq, \
             lost_seq = coalesce(excluded.lost_seq, user_changes.lost_seq), changed_at = excluded.changed_at) \
     INSERT INTO changes (project_id, kind, thing_id, task_id, seq, is_deleted, changed_at) \
     SELECT added.project_id, added.kind, added.thing_id, added.task_id, before + added.place, added.is_deleted, \
         added.changed_at \
     FROM unnest($10::bigint[], $11::text[], $12::bigint[], $13::bigint[], $14::bigint[], $15::boolean[], \
             $16::timestamptz[]) \
         AS added (project_id, kind, thing_id, task_id, place, is_deleted, changed_at) CROSS JOIN numbered \
     ON CONFLICT (kind, thing_id, project_id) DO UPDATE SET seq = excluded.seq, \
         is_deleted = excluded.is_deleted OR (changes.is_deleted AND changes.kind <> 'member'), \
         changed_at = excluded.changed_at";

/// Numbers these rows, whose places are 1 to `count`, and writes them in the place of former ones of the same things.
pub(super) async fn write(
    conn: &mut Connection,
    count: i64,
    changes: &[ChangeRow],
    of_users: &[UserChangeRow],
) -> QueryResult<()> {
    let statement = sql_query(WRITE)
        .bind::<BigInt, _>(count)
        .bind::<Array<BigInt>, _>(column(of_users, |row| row.user_id))
        .bind::<Array<Text>, _>(column(of_users, |row| row.kind))
        .bind::<Array<BigInt>, _>(column(of_users, |row| row.thing_id))
        .bind::<Array<Nullable<BigInt>>, _>(column(of_users, |row| row.task_id))
        .bind::<Array<BigInt>, _>(column(of_users, |row| row.project_id))
        .bind::<Array<BigInt>, _>(column(of_users, |row| row.place))
        .bind::<Array<Nullable<BigInt>>, _>(column(of_users, |row| row.lost_place))
        .bind::<Array<Timestamptz>, _>(column(of_users, |row| row.changed_at))
        .bind::<Array<BigInt>, _>(column(changes, |row| row.project_id))
        .bind::<Array<Text>, _>(column(changes, |row| row.kind))
        .bind::<Array<BigInt>, _>(column(changes, |row| row.thing_id))
        .bind::<Array<Nullable<BigInt>>, _>(column(changes, |row| row.task_id))
        .bind::<Array<BigInt>, _>(column(changes, |row| row.place))
        .bind::<Array<Bool>, _>(column(changes, |row| row.is_deleted))
        .bind::<Array<Timestamptz>, _>(column(changes, |row| row.changed_at));
    Cached(statement).execute(conn).await.map(drop)
}

#[derive(QueryableByName)]
struct Assigned {
    #[diesel(sql_type = BigInt)]
    task_id: i64,
    #[diesel(sql_type = BigInt)]
    user_id: i64,
}

/// Present assignees of tasks, and former ones, each of whom is no member of the task's project.
const OUTSIDE: &str = "SELECT tasks.id AS task_id, tasks.assignee_id AS user_id FROM tasks \
     WHERE tasks.id = ANY($1::bigint[]) AND tasks.assignee_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM members \
         WHERE members.project_id = tasks.project_id AND members.user_id = tasks.assignee_id) \
     UNION ALL SELECT former.task_id, former.user_id FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) \
         AS former (task_id, project_id, user_id) \
     WHERE NOT EXISTS (SELECT 1 FROM members \
         WHERE members.project_id = former.project_id AND members.user_id = former.user_id)";

/// Returns the assignees of these tasks who are no members of their projects, each as the ids of task and user. Former ones
/// are given as the ids of task, project and user.
pub(super) async fn outside_assignees(
    conn: &mut Connection,
    tasks: &[i64],
    former: &[[i64; 3]],
) -> QueryResult<Vec<(i64, i64)>> {
    let column = |place: usize| former.iter().map(|ids| ids[place]).collect::<Vec<_>>();
    let statement = sql_query(OUTSIDE)
        .bind::<Array<BigInt>, _>(tasks)
        .bind::<Array<BigInt>, _>(column(0))
        .bind::<Array<BigInt>, _>(column(1))
        .bind::<Array<BigInt>, _>(column(2));
    let assigned = Cached(statement).load::<Assigned>(conn).await?;
    Ok(assigned.into_iter().map(|row| (row.task_id, row.user_id)).collect())
}
