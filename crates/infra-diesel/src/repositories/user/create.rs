//! Creates accounts.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{Connection, Error, SqlTimestamp, dialect, job, schema::users},
    row::{UserRow, mailbox},
};
use diesel::{ExpressionMethods, SelectableHelper, insert_into};
use fasttrack_domain::{
    password::PasswordHash,
    user::{NewUser, User},
};

/// Returns the account, and whether jobs were queued with it: then the caller notifies
/// [`Hints::jobs`](crate::hints::Hints) once all is committed.
pub(in super::super) async fn create(conn: &mut Connection, user: &NewUser) -> Result<(User, bool), Error> {
    let created = insert_into(users::table)
        .values((
            users::email.eq(user.email.key()),
            users::mailbox.eq(mailbox(&user.email)),
            users::display_name.eq(user.display_name.as_str()),
            users::role.eq(user.role.as_str()),
            users::is_active.eq(true),
            users::password_hash.eq(user.password_hash.as_ref().map(PasswordHash::expose)),
            users::token_epoch.eq(0),
            users::created_at.eq(SqlTimestamp(user.created_at)),
            users::updated_at.eq(SqlTimestamp(user.created_at)),
            users::version.eq(1),
            users::is_email_verified.eq(user.email_verified),
            users::is_external.eq(user.is_external),
            users::key.eq(dialect::random_key!()),
        ))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await?
        .entity()?;
    let jobs = user.jobs(created.id);
    job::enqueue(conn, &jobs).await?;
    Ok((created, !jobs.is_empty()))
}
