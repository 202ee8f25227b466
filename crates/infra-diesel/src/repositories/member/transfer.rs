//! Transfers projects.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Connection, Error, Lock, SqlTimestamp, audit, dialect, event, quota,
        schema::{members, projects},
        webhook::record,
    },
    rows::{is_erased, require_active, role},
};
use diesel::{ExpressionMethods, QueryDsl, QueryResult, delete, update};
use fasttrack_domain::{
    audit::AuditEntry,
    change::Thing,
    event::Change,
    id::UserId,
    membership::MemberRole,
    project::{Project, ProjectTransfer},
};

/// See [`MemberRepository::transfer`](fasttrack_domain::ports::member::MemberRepository::transfer). Returns the audit entry
/// for [`log_committed`](audit::log_committed), too.
pub(super) async fn transfer(
    conn: &mut Connection,
    transfer: ProjectTransfer,
) -> Result<(Option<Project>, Option<AuditEntry>), Error> {
    let mut touched = transfer.touched();
    let ProjectTransfer { project, based_on, former_owner, quota, watched_actor, audit } = transfer;
    let (id, former, next) = (project.id.get(), former_owner.get(), project.owner_id.get());
    dialect::lock(conn, Lock::Project(id)).await?;
    // Of both, as both counters change, in the order of their ids.
    for user in [former.min(next), former.max(next)] {
        dialect::lock(conn, Lock::Password(user)).await?;
    }
    require_active(conn, next).await?;
    if role(conn, id, next).await?.is_none() {
        return Ok((None, None));
    }
    let statement = update(projects::table.find(id)).filter(projects::version.eq(based_on)).set((
        projects::owner_id.eq(next),
        projects::updated_at.eq(SqlTimestamp(project.updated_at)),
        projects::version.eq(project.version),
    ));
    if statement.execute(conn).await? == 0 {
        return Ok((None, None));
    }
    // In this order, as a project has one owner at any time.
    set_role(conn, id, former, MemberRole::Editor).await?;
    set_role(conn, id, next, MemberRole::Owner).await?;
    if is_erased(conn, former).await? {
        // The erasure ended its memberships before; its own projects, which it deletes, are left out there.
        delete(members::table.find((id, former))).execute(conn).await?;
        let former = Thing::member(UserId::new(former));
        for thing in touched.things.iter_mut().filter(|thing| **thing == former) {
            *thing = former.deleted();
        }
        quota::remove_member(conn, id).await?;
    }
    quota::remove_project(conn, former).await?;
    quota::add_project(conn, next, quota).await?;
    event::record(conn, &[touched]).await?;
    if let Some(actor) = watched_actor {
        let change = Change::ProjectUpdated(project.clone());
        record::change(conn, project.id, (actor, project.updated_at), change).await?;
    }
    Ok((Some(project), audit::insert(conn, audit, None).await?))
}

async fn set_role(conn: &mut Connection, project: i64, user: i64, role: MemberRole) -> QueryResult<()> {
    let member = members::table.find((project, user));
    update(member).set(members::role.eq(role.as_str())).execute(conn).await.map(drop)
}
