//! Exchanges an invitation for a membership.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{
    Connection, Error, Lock, SqlTimestamp, audit, dialect, event, member, quota,
    schema::{invitations, members, users},
    views::membership,
    webhook::record,
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, delete, insert_into, update};
use fasttrack_domain::{
    audit::AuditEntry, event::Change, invitation::Acceptance, membership::MemberRole, ports::constraint,
};

/// See [`InvitationRepository::accept`](fasttrack_domain::ports::invitation::InvitationRepository::accept). Returns whether
/// it was accepted, and the audit entry for [`log_committed`](audit::log_committed). Where it wasn't, nothing is written.
pub(super) async fn accept(conn: &mut Connection, acceptance: Acceptance) -> Result<(bool, Option<AuditEntry>), Error> {
    let (project, user) = (acceptance.project_id.get(), acceptance.user_id.get());
    // In this order everywhere. Until the end nobody changes a role in the project, or erases the user.
    dialect::lock(conn, Lock::Project(project)).await?;
    dialect::lock(conn, Lock::Password(user)).await?;
    let account = users::table.find(user).filter(users::is_active.eq(true)).filter(users::erased_at.is_null());
    if account.select(users::id).first::<i64>(conn).await.optional()?.is_none() {
        return Err(Error::Conflict(constraint::REFERENCE));
    }
    let open = invitations::table
        .filter(invitations::hash.eq(&acceptance.hash.as_bytes()[..]))
        .filter(invitations::project_id.eq(project))
        .filter(invitations::expires_at.gt(SqlTimestamp(acceptance.at)))
        .select(invitations::id);
    // One that is locked is being withdrawn.
    let open: Vec<i64> = dialect::skip_locked!(open).load(conn).await?;
    let &[id, ..] = open.as_slice() else { return Ok((false, None)) };
    let role = members::table.find((project, user)).select(members::role).first(conn).await.optional()?;
    if membership(project, role)? != acceptance.before {
        return Ok((false, None));
    }
    store_role(conn, &acceptance).await?;
    event::record(conn, acceptance.touched().as_slice()).await?;
    if acceptance.is_watched
        && acceptance.before.is_none()
        && let Some(member) = member::find(conn, project, user).await?
    {
        let act = (acceptance.user_id, acceptance.at);
        record::change(conn, acceptance.project_id, act, Change::MemberAdded(member.without_email())).await?;
    }
    delete(invitations::table.find(id)).execute(conn).await?;
    Ok((true, audit::insert(conn, acceptance.audit, None).await?))
}

async fn store_role(conn: &mut Connection, acceptance: &Acceptance) -> Result<(), Error> {
    let (project, user) = (acceptance.project_id.get(), acceptance.user_id.get());
    match acceptance.before {
        None => {
            quota::members_of(project, acceptance.quota).add(conn).await?;
            insert_into(members::table)
                .values((
                    members::project_id.eq(project),
                    members::user_id.eq(user),
                    members::role.eq(acceptance.role.as_str()),
                    members::created_at.eq(SqlTimestamp(acceptance.at)),
                ))
                .execute(conn)
                .await?;
        }
        Some(MemberRole::Owner | MemberRole::Editor | MemberRole::Commenter | MemberRole::Viewer) => {
            update(members::table.find((project, user)))
                .set(members::role.eq(acceptance.role.as_str()))
                .execute(conn)
                .await?;
        }
    }
    Ok(())
}
