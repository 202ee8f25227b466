//! Adds members, and changes their roles.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{Connection, Error, Lock, SqlTimestamp, audit, dialect, event, quota, schema::members, webhook::record},
    rows::{find, require_active, role},
};
use diesel::{ExpressionMethods, QueryDsl, insert_into, update};
use fasttrack_domain::{
    audit::AuditEntry,
    event::Change,
    membership::{Member, MemberChange, MemberRole},
};

/// See [`MemberRepository::put`](fasttrack_domain::ports::member::MemberRepository::put). Returns the audit entry for
/// [`log_committed`](audit::log_committed), too.
pub(super) async fn put(
    conn: &mut Connection,
    change: MemberChange,
) -> Result<(Option<Member>, Option<AuditEntry>), Error> {
    let (project, user) = (change.project_id.get(), change.user_id.get());
    dialect::lock(conn, Lock::Project(project)).await?;
    dialect::lock(conn, Lock::Password(user)).await?;
    require_active(conn, user).await?;
    if role(conn, project, user).await? != change.before {
        return Ok((None, None));
    }
    match change.before {
        None => insert(conn, &change).await?,
        Some(MemberRole::Editor | MemberRole::Commenter | MemberRole::Viewer) => {
            update(members::table.find((project, user)))
                .set(members::role.eq(change.role.as_str()))
                .execute(conn)
                .await?;
        }
        // The role of an owner ends by a transfer only.
        Some(MemberRole::Owner) => return Ok((None, None)),
    }
    event::record(conn, change.event().as_slice()).await?;
    event::record(conn, change.touched().as_slice()).await?;
    let stored = find(conn, project, user).await?;
    if change.is_watched
        && change.before.is_none()
        && let Some(member) = &stored
    {
        let added = Change::MemberAdded(member.clone().without_email());
        record::change(conn, change.project_id, (change.actor_id, change.at), added).await?;
    }
    Ok((stored, audit::insert(conn, change.audit, None).await?))
}

/// `Conflict` where the project doesn't exist, or has as many members as it may have.
async fn insert(conn: &mut Connection, change: &MemberChange) -> Result<(), Error> {
    let project = change.project_id.get();
    insert_into(members::table)
        .values((
            members::project_id.eq(project),
            members::user_id.eq(change.user_id.get()),
            members::role.eq(change.role.as_str()),
            members::created_at.eq(SqlTimestamp(change.at)),
        ))
        .execute(conn)
        .await?;
    quota::members_of(project, change.quota).add(conn).await
}
