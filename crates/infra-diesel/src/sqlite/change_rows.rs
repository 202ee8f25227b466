//! Writes the rows of the change feed on SQLite, by one statement after the other: they cost no round trip.

use super::run_query_dsl::RunQueryDsl;
use super::{in_place::Connection, schema::change_feed};
use crate::{
    cached::Cached,
    change_row::{ChangeRow, UserChangeRow},
};
use diesel::{
    ExpressionMethods, QueryResult, QueryableByName, insert_into, sql_query,
    sql_types::{BigInt, Bool, Nullable, Text},
    upsert::excluded,
};

const CHANGE: &str = "INSERT INTO changes (project_id, kind, thing_id, task_id, seq, is_deleted, changed_at) \
     VALUES (?, ?, ?, ?, ?, ?, ?) \
     ON CONFLICT (kind, thing_id, project_id) DO UPDATE SET seq = excluded.seq, \
         is_deleted = excluded.is_deleted OR (is_deleted AND kind <> 'member'), \
         changed_at = excluded.changed_at";

/// A user is left out who is erased by then.
const USER_CHANGE: &str = "INSERT INTO user_changes (user_id, kind, thing_id, task_id, project_id, seq, lost_seq, changed_at) \
     SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM users WHERE id = ?1 AND erased_at IS NULL \
     ON CONFLICT (user_id, kind, thing_id) DO UPDATE SET project_id = excluded.project_id, seq = excluded.seq, \
         lost_seq = coalesce(excluded.lost_seq, lost_seq), changed_at = excluded.changed_at";

/// Numbers these rows, whose places are 1 to `count`, and writes them in the place of former ones of the same things.
pub(super) async fn write(
    conn: &mut Connection,
    count: i64,
    changes: &[ChangeRow],
    of_users: &[UserChangeRow],
) -> QueryResult<()> {
    let numbered = insert_into(change_feed::table)
        .values((change_feed::feed.eq(1), change_feed::seq.eq(count), change_feed::pruned_seq.eq(0)))
        .on_conflict(change_feed::feed)
        .do_update()
        .set(change_feed::seq.eq(change_feed::seq + excluded(change_feed::seq)))
        .returning(change_feed::seq);
    let last: i64 = Cached(numbered).get_result(conn).await?;
    let before = last - count;
    for row in changes {
        let statement = sql_query(CHANGE)
            .bind::<BigInt, _>(row.project_id)
            .bind::<Text, _>(row.kind)
            .bind::<BigInt, _>(row.thing_id)
            .bind::<Nullable<BigInt>, _>(row.task_id)
            .bind::<BigInt, _>(before + row.place)
            .bind::<Bool, _>(row.is_deleted)
            .bind::<BigInt, _>(row.changed_at);
        Cached(statement).execute(conn).await?;
    }
    for row in of_users {
        let statement = sql_query(USER_CHANGE)
            .bind::<BigInt, _>(row.user_id)
            .bind::<Text, _>(row.kind)
            .bind::<BigInt, _>(row.thing_id)
            .bind::<Nullable<BigInt>, _>(row.task_id)
            .bind::<BigInt, _>(row.project_id)
            .bind::<BigInt, _>(before + row.place)
            .bind::<Nullable<BigInt>, _>(row.lost_place.map(|place| before + place))
            .bind::<BigInt, _>(row.changed_at);
        Cached(statement).execute(conn).await?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Assigned {
    #[diesel(sql_type = BigInt)]
    task_id: i64,
    #[diesel(sql_type = BigInt)]
    user_id: i64,
}

/// Present assignees of tasks, and former ones, each of whom is no member of the task's project.
const OUTSIDE: &str = "SELECT tasks.id AS task_id, tasks.assignee_id AS user_id \
     FROM json_each(?) AS wanted CROSS JOIN tasks ON tasks.id = wanted.value \
     WHERE tasks.assignee_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM members \
         WHERE members.project_id = tasks.project_id AND members.user_id = tasks.assignee_id) \
     UNION ALL SELECT former.value ->> 0, former.value ->> 2 FROM json_each(?) AS former \
     WHERE NOT EXISTS (SELECT 1 FROM members \
         WHERE members.project_id = former.value ->> 1 AND members.user_id = former.value ->> 2)";

/// Returns the assignees of these tasks who are no members of their projects, each as the ids of task and user. Former ones
/// are given as the ids of task, project and user.
pub(super) async fn outside_assignees(
    conn: &mut Connection,
    tasks: &[i64],
    former: &[[i64; 3]],
) -> QueryResult<Vec<(i64, i64)>> {
    let tasks = tasks.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    let former = former.iter().map(|[task, project, user]| format!("[{task},{project},{user}]"));
    let former = former.collect::<Vec<_>>().join(",");
    let statement = sql_query(OUTSIDE).bind::<Text, _>(format!("[{tasks}]")).bind::<Text, _>(format!("[{former}]"));
    let assigned = Cached(statement).load::<Assigned>(conn).await?;
    Ok(assigned.into_iter().map(|row| (row.task_id, row.user_id)).collect())
}
