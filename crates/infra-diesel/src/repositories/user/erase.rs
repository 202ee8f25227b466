//! Erases what an account says of its owner. The row stays, as comments and events refer to it.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{Connection, Error, SqlTimestamp, schema::users},
    save::require_active_admin,
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, update};
use fasttrack_domain::{erasure::NewErasure, revocation::UserEpoch, user::Role};

/// Erases the account, and returns its new epoch; `None` where another version is stored. The caller holds the locks of the
/// account, and of admins where one is lost.
pub(in super::super) async fn erase(conn: &mut Connection, new: &NewErasure) -> Result<Option<UserEpoch>, Error> {
    let erasure = &new.erasure;
    let (email, name) = (erasure.placeholder_email(), erasure.placeholder_name());
    let epoch: Option<i64> = update(users::table.find(erasure.user_id.get()))
        .filter(users::version.eq(new.based_on))
        .filter(users::erased_at.is_null())
        .set((
            users::email.eq(email.key()),
            users::mailbox.eq(None::<String>),
            users::display_name.eq(name.as_str()),
            users::role.eq(Role::User.as_str()),
            users::is_active.eq(false),
            users::password_hash.eq(None::<String>),
            users::token_epoch.eq(users::token_epoch + 1),
            users::updated_at.eq(SqlTimestamp(erasure.at)),
            users::version.eq(users::version + 1),
            users::is_email_verified.eq(false),
            users::pending_email.eq(None::<String>),
            users::is_external.eq(false),
            users::erased_at.eq(SqlTimestamp(erasure.at)),
        ))
        .returning(users::token_epoch)
        .get_result(conn)
        .await
        .optional()?;
    if epoch.is_some() && new.loses_an_admin {
        require_active_admin(conn).await?;
    }
    Ok(epoch.map(|epoch| UserEpoch { id: erasure.user_id, epoch }))
}
