//! The first transaction of an erasure.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Connection, Error, Lock,
        api_token::end::revoke_all,
        audit, dialect, identity, job, mailed_tokens, revocation,
        schema::{email_verifications, invitation_mails, invitations, jobs},
        session::end::end_all_sessions,
        user,
    },
    memberships,
};
use diesel::{ExpressionMethods, QueryDsl, QueryableByName, delete, sql_query, sql_types::BigInt};
use fasttrack_domain::{
    audit::AuditEntry,
    email::Email,
    erasure::{NewErasure, SharedProjects},
    id::{InvitationId, ProjectId, UserId},
    job::JobPayload,
    ports::{constraint, erasure::Begun},
    revocation::RevokingAct,
};

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

async fn ids(conn: &mut Connection, query: String) -> Result<Vec<i64>, Error> {
    Ok(sql_query(query).load::<Id>(conn).await?.into_iter().map(|row| row.id).collect())
}

/// The projects that the account owns or is a member of.
fn projects_of(user: i64) -> String {
    format!(
        "SELECT id FROM projects WHERE id IN (SELECT project_id FROM members WHERE user_id = {user} \
             UNION ALL SELECT id FROM projects WHERE owner_id = {user}) ORDER BY id"
    )
}

/// Locks the account and what others could change of it, in the order that holds everywhere. Returns whether all of it is
/// locked: a project that the account got meanwhile isn't.
async fn lock(conn: &mut Connection, new: &NewErasure) -> Result<bool, Error> {
    if new.loses_an_admin {
        dialect::lock(conn, Lock::Admins).await?;
    }
    let user = new.erasure.user_id.get();
    let locked = ids(conn, projects_of(user) + dialect::FOR_NO_KEY_UPDATE).await?;
    let mut accounts = vec![(user, Lock::Erasure(user))];
    accounts.extend(new.erasure.reassign_to.map(|receiver| (receiver.get(), Lock::Password(receiver.get()))));
    accounts.sort_unstable_by_key(|(id, _)| *id);
    for (_, account) in accounts {
        dialect::lock(conn, account).await?;
    }
    let present = ids(conn, projects_of(user)).await?;
    Ok(present.iter().all(|id| locked.binary_search(id).is_ok()))
}

/// The projects of the account that have other members.
async fn shared_projects(conn: &mut Connection, user: i64) -> Result<Vec<i64>, Error> {
    let query = format!(
        "SELECT id FROM projects WHERE owner_id = {user} AND EXISTS \
             (SELECT 1 FROM members WHERE project_id = projects.id AND user_id <> {user}) ORDER BY id"
    );
    ids(conn, query).await
}

/// Deletes invitations to the address with their jobs, also dead ones, whose errors may name the address, and what was counted
/// of them.
async fn delete_invitations(conn: &mut Connection, email: &Email) -> Result<(), Error> {
    let to_address = delete(invitations::table.filter(invitations::address_key.eq(email.key())));
    let ids: Vec<i64> = to_address.returning(invitations::id).get_results(conn).await?;
    let jobs_of = ids.into_iter().map(|id| JobPayload::InvitationMail { invitation_id: InvitationId::new(id) }.key());
    let keys: Vec<_> = jobs_of.flatten().collect();
    if !keys.is_empty() {
        delete(jobs::table.filter(jobs::key.eq_any(&keys)).filter(jobs::dead_at.is_null())).execute(conn).await?;
        delete(jobs::table.filter(jobs::key.eq_any(&keys)).filter(jobs::dead_at.is_not_null())).execute(conn).await?;
    }
    delete(invitation_mails::table.filter(invitation_mails::address_key.eq(email.key()))).execute(conn).await?;
    Ok(())
}

/// Deletes the jobs whose key has the user or the address.
async fn delete_jobs(conn: &mut Connection, user_id: UserId, email: &Email) -> Result<(), Error> {
    let payloads = [
        JobPayload::VerificationMail { user_id },
        JobPayload::DigestMail { user_id },
        JobPayload::PasswordResetMail { email: email.clone() },
    ];
    let keys: Vec<_> = payloads.iter().filter_map(JobPayload::key).collect();
    for key in keys {
        delete(jobs::table.filter(jobs::key.eq(key)).filter(jobs::dead_at.is_null())).execute(conn).await?;
    }
    Ok(())
}

/// Deletes what the account can be used with.
async fn delete_credentials(conn: &mut Connection, new: &NewErasure) -> Result<(), Error> {
    let (user_id, at) = (new.erasure.user_id, new.erasure.at);
    identity::erase(conn, user_id, at).await?;
    mailed_tokens::delete_password_reset(conn, user_id).await?;
    delete(email_verifications::table.find(user_id.get())).execute(conn).await?;
    // Their rows are deleted in portions, as any number can be there.
    end_all_sessions(conn, user_id, at).await?;
    revoke_all(conn, user_id, at).await?;
    Ok(())
}

/// See [`ErasureRepository::begin`](fasttrack_domain::ports::erasure::ErasureRepository::begin). Returns the audit entry for
/// [`log_committed`](audit::log_committed), too. Where the account isn't erased, nothing is written.
pub(super) async fn begin(conn: &mut Connection, new: NewErasure) -> Result<(Begun, Option<AuditEntry>), Error> {
    let user_id = new.erasure.user_id;
    let user = user_id.get();
    if !lock(conn, &new).await? || user::find_version(conn, user_id, new.based_on).await?.is_none() {
        return Ok((Begun::Outdated, None));
    }
    if let Some(receiver) = new.erasure.reassign_to {
        let found = user::find(conn, receiver.get()).await?.filter(|found| found.is_active && found.id != user_id);
        if found.is_none() {
            return Err(Error::Conflict(constraint::REFERENCE));
        }
    } else {
        let shared = shared_projects(conn, user).await?;
        if !shared.is_empty() {
            let shared = shared.into_iter().map(ProjectId::new).collect();
            return Ok((Begun::Shared(SharedProjects(shared)), None));
        }
    }
    let Some(epoch) = user::erase(conn, &new).await? else { return Ok((Begun::Outdated, None)) };
    delete_credentials(conn, &new).await?;
    match new.erasure.reassign_to {
        Some(receiver) => memberships::pass_on(conn, user, receiver.get(), new.erasure.at).await?,
        None => memberships::end(conn, user, new.erasure.at).await?,
    }
    delete_invitations(conn, &new.erasure.email).await?;
    delete_jobs(conn, user_id, &new.erasure.email).await?;
    job::enqueue(conn, &[new.job()]).await?;
    let act = RevokingAct::Erased(epoch);
    let revocation = act.revocation(new.erasure.at);
    let entry = audit::insert(conn, new.audit, None).await?;
    revocation::record(conn, &[revocation]).await?;
    Ok((Begun::Erased(epoch), entry))
}
