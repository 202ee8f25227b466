//! Changes of passwords.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Connection, Database, Error, SqlTimestamp,
        api_token::end::revoke_all,
        job, mailed_tokens, revocation,
        schema::users,
        session::end::{end_all_sessions, end_other_sessions},
    },
    row::UserRow,
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper, update};
use fasttrack_domain::{
    Timestamp,
    id::UserId,
    mail::Notice,
    password::{PasswordChange, PasswordHash},
    ports::RepositoryError,
    revocation::{Revocation, RevokingAct},
    user::User,
};

/// Replaces the hash by another one of the same password.
pub(in super::super) async fn renew_hash(conn: &mut Connection, id: UserId, hash: &PasswordHash) -> Result<(), Error> {
    update(users::table.find(id.get())).set(users::password_hash.eq(hash.expose())).execute(conn).await?;
    Ok(())
}

/// Sets a password without the former one: ends every session, revokes every API token, and makes all access tokens
/// invalid. `by_mail` says that it was set by a link from a mail, which verifies the address.
pub(in super::super) async fn set_password(
    conn: &mut Connection,
    id: UserId,
    hash: &PasswordHash,
    at: Timestamp,
    by_mail: bool,
) -> Result<Option<User>, Error> {
    let row: Option<UserRow> = update(users::table.find(id.get()))
        .filter(users::erased_at.is_null())
        .set((
            users::password_hash.eq(hash.expose()),
            users::token_epoch.eq(users::token_epoch + 1),
            users::updated_at.eq(SqlTimestamp(at)),
            users::version.eq(users::version + 1),
            by_mail.then_some(users::is_email_verified.eq(true)),
        ))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let user = row.entity()?;
    mailed_tokens::delete_password_reset(conn, id).await?;
    let act = if by_mail { RevokingAct::PasswordReset(user.epoch()) } else { RevokingAct::PasswordSet(user.epoch()) };
    if act.ends_all_sessions() {
        end_all_sessions(conn, id, at).await?;
    }
    revoke_all(conn, id, at).await?;
    job::enqueue(conn, user.notice(Notice::PasswordChanged, at).as_slice()).await?;
    revocation::record(conn, &[act.revocation(at)]).await?;
    Ok(Some(user))
}

/// See [`UserRepository::change_password`](fasttrack_domain::ports::user::UserRepository::change_password).
pub(super) async fn change(
    database: &Database,
    change: PasswordChange,
) -> Result<Option<Vec<Revocation>>, RepositoryError> {
    let changed = database
        .write(async move |conn| {
            let changed: Option<UserRow> = update(users::table.find(change.user_id.get()))
                .filter(users::is_active.eq(true))
                .filter(users::password_hash.eq(change.proven_by.expose()))
                .set((
                    users::password_hash.eq(change.password.expose()),
                    users::updated_at.eq(SqlTimestamp(change.at)),
                    users::version.eq(users::version + 1),
                ))
                .returning(UserRow::as_returning())
                .get_result(conn)
                .await
                .optional()?;
            let Some(user) = changed.map(UserRow::entity).transpose()? else { return Ok(None) };
            mailed_tokens::delete_password_reset(conn, change.user_id).await?;
            job::enqueue(conn, user.notice(Notice::PasswordChanged, change.at).as_slice()).await?;
            Ok(Some(end_other_sessions(conn, change.user_id, change.kept, change.at).await?))
        })
        .await?;
    database.hints().jobs.notify_one();
    Ok(changed)
}
