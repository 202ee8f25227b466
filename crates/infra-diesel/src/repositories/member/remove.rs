//! Ends memberships.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Cached, Connection, Error, Lock, Moment, SqlTimestamp, audit, dialect, event, quota,
        schema::{invitations, members, users},
        webhook::record,
    },
    rows::find,
};
use diesel::{
    ExpressionMethods, NullableExpressionMethods, QueryDsl, QueryResult, QueryableByName, delete, sql_query,
    sql_types::BigInt,
};
use fasttrack_domain::{
    Timestamp,
    audit::AuditEntry,
    change::Thing,
    event::{Change, Touched},
    id::TaskId,
    membership::{MemberRemoval, MemberRole},
};

/// See [`MemberRepository::remove`](fasttrack_domain::ports::member::MemberRepository::remove). Returns the audit entry for
/// [`log_committed`](audit::log_committed), too.
pub(super) async fn remove(conn: &mut Connection, removal: MemberRemoval) -> Result<(bool, Option<AuditEntry>), Error> {
    let (project, user) = (removal.project_id.get(), removal.user_id.get());
    dialect::lock(conn, Lock::Project(project)).await?;
    let removed = if removal.watched_actor.is_some() { find(conn, project, user).await? } else { None };
    let member = members::table
        .find((project, user))
        .filter(members::role.eq(removal.before.as_str()))
        // A project keeps its owner.
        .filter(members::role.ne(MemberRole::Owner.as_str()));
    if delete(member).execute(conn).await? == 0 {
        return Ok((false, None));
    }
    quota::remove_member(conn, project).await?;
    let assigned = end_assignments(conn, project, user, removal.at).await?;
    if let Some((actor, member)) = removal.watched_actor.zip(removed) {
        let change = Change::MemberRemoved(member.without_email());
        record::change(conn, removal.project_id, (actor, removal.at), change).await?;
        record::tasks(conn, &assigned, actor, Change::TaskUpdated).await?;
    } else {
        let tasks: Vec<_> = assigned.into_iter().map(|id| Thing::task(TaskId::new(id))).collect();
        event::record(conn, removal.touched().as_slice()).await?;
        event::record_all(conn, &Touched::of_many(removal.project_id, removal.at, &tasks)).await?;
    }
    withdraw_invitation(conn, project, user).await?;
    Ok((true, audit::insert(conn, removal.audit, None).await?))
}

/// Deletes an open invitation to the user's address, whose token would make it a member again.
async fn withdraw_invitation(conn: &mut Connection, project: i64, user: i64) -> QueryResult<()> {
    let address = users::table.find(user).select(users::email).single_value();
    let open = invitations::table
        .filter(invitations::project_id.eq(project))
        .filter(invitations::address_key.nullable().eq(address));
    Cached(delete(open)).execute(conn).await.map(drop)
}

#[derive(QueryableByName)]
struct Ended {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// Ends the assignments of a user in a project, and returns the ids of the tasks. They are locked in the order of their ids,
/// as everywhere.
async fn end_assignments(conn: &mut Connection, project: i64, user: i64, at: Timestamp) -> Result<Vec<i64>, Error> {
    let statement = format!(
        "WITH ended (task_id) AS (SELECT id FROM tasks WHERE project_id = $1 AND assignee_id = $2 ORDER BY +id{}) \
         UPDATE tasks SET assignee_id = NULL, version = version + 1, \
             updated_at = CASE WHEN updated_at < $3 THEN $3 ELSE updated_at END \
         FROM ended WHERE tasks.id = ended.task_id RETURNING id",
        dialect::FOR_NO_KEY_UPDATE
    );
    let statement = sql_query(statement).bind::<BigInt, _>(project).bind::<BigInt, _>(user);
    let ended: Vec<Ended> = Cached(statement.bind::<Moment, _>(SqlTimestamp(at))).load(conn).await?;
    let mut ids: Vec<_> = ended.into_iter().map(|row| row.id).collect();
    ids.sort_unstable();
    Ok(ids)
}
