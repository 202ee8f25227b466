//! Saves changes of accounts.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Connection, Database, Error, Lock, SqlTimestamp, audit, dialect, job, mailed_tokens, revocation, schema::users,
        session::end::end_all_sessions,
    },
    row::{UserRow, mailbox},
};
use diesel::{ExpressionMethods, QueryDsl, SelectableHelper, dsl::exists, select, update};
use fasttrack_domain::{
    Timestamp,
    email::Email,
    ports::{RepositoryError, constraint},
    revocation::Revocation,
    user::{Role, User, UserChange},
};

/// Marks the address that the user had to verify as verified. A pending address becomes the address.
pub(in super::super) async fn verify_address(conn: &mut Connection, user: &User, at: Timestamp) -> Result<User, Error> {
    let email = user.pending_email.as_ref().unwrap_or(&user.email);
    let row: UserRow = update(users::table.find(user.id.get()))
        .set((
            users::email.eq(email.key()),
            users::mailbox.eq(mailbox(email)),
            users::is_email_verified.eq(true),
            users::pending_email.eq(None::<String>),
            users::updated_at.eq(SqlTimestamp(at)),
            users::version.eq(users::version + 1),
        ))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await?;
    row.entity()
}

/// `Conflict` with [`constraint::LAST_ACTIVE_ADMIN`] where no active admin is left.
pub(super) async fn require_active_admin(conn: &mut Connection) -> Result<(), Error> {
    let admins = users::table.filter(users::role.eq(Role::Admin.as_str())).filter(users::is_active.eq(true));
    if select(exists(admins)).get_result(conn).await? {
        Ok(())
    } else {
        Err(Error::Conflict(constraint::LAST_ACTIVE_ADMIN))
    }
}

/// See [`UserRepository::save`](fasttrack_domain::ports::user::UserRepository::save).
pub(super) async fn save(
    database: &Database,
    change: UserChange,
    revocation: Option<Revocation>,
) -> Result<Option<User>, RepositoryError> {
    let has_jobs = !change.jobs.is_empty();
    let saved = database
        .write(async move |conn| {
            let ends_sessions = change.ends_sessions();
            let UserChange { user, jobs, .. } = change;
            if change.loses_an_admin {
                dialect::lock(conn, Lock::Admins).await?;
            }
            let saved = update(users::table.find(user.id.get()))
                .filter(users::version.eq(change.based_on))
                .filter(users::erased_at.is_null())
                .set((
                    users::email.eq(user.email.key()),
                    users::mailbox.eq(mailbox(&user.email)),
                    users::display_name.eq(user.display_name.as_str()),
                    users::role.eq(user.role.as_str()),
                    users::is_active.eq(user.is_active),
                    users::token_epoch.eq(user.token_epoch),
                    users::updated_at.eq(SqlTimestamp(user.updated_at)),
                    users::version.eq(user.version),
                    users::is_email_verified.eq(user.email_verified),
                    users::pending_email.eq(user.pending_email.as_ref().map(Email::as_str)),
                ))
                .execute(conn)
                .await?;
            if saved == 0 {
                return Ok((None, None));
            }
            if change.loses_an_admin {
                require_active_admin(conn).await?;
            }
            if change.changes_address {
                mailed_tokens::invalidate_verification(conn, user.id).await?;
            }
            if ends_sessions || change.changes_address {
                mailed_tokens::delete_password_reset(conn, user.id).await?;
            }
            job::enqueue(conn, &jobs).await?;
            if ends_sessions {
                end_all_sessions(conn, user.id, user.updated_at).await?;
            }
            revocation::record(conn, revocation.as_slice()).await?;
            let entry = audit::insert(conn, change.audit, None).await?;
            Ok((Some(user), entry))
        })
        .await
        .map(audit::log_committed)?;
    if has_jobs {
        database.hints().jobs.notify_one();
    }
    Ok(saved)
}
