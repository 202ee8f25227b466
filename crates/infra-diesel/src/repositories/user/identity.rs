//! Accounts of users of other issuers.

use super::{
    super::{
        Connection, Error, SqlTimestamp,
        schema::{identities, users},
    },
    row::UserRow,
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper, update};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{Timestamp, id::UserId, identity::Identity, user::User};

pub(in super::super) async fn find_by_identity(
    conn: &mut Connection,
    identity: Identity,
) -> Result<Option<User>, Error> {
    let row = identities::table
        .inner_join(users::table)
        .filter(identities::issuer.eq(identity.issuer))
        .filter(identities::subject.eq(String::from(identity.subject)))
        .select(UserRow::as_select())
        .first(conn)
        .await
        .optional()?;
    row.map(UserRow::entity).transpose()
}

/// Turns an account with a password into one of another issuer, where its owner has verified the address.
pub(in super::super) async fn make_external(conn: &mut Connection, id: UserId, at: Timestamp) -> Result<User, Error> {
    let row: UserRow = update(users::table.find(id.get()))
        .set((
            users::password_hash.eq(None::<String>),
            users::is_email_verified.eq(true),
            users::pending_email.eq(None::<String>),
            users::is_external.eq(true),
            users::token_epoch.eq(users::token_epoch + 1),
            users::updated_at.eq(SqlTimestamp(at)),
            users::version.eq(users::version + 1),
        ))
        .returning(UserRow::as_returning())
        .get_result(conn)
        .await?;
    row.entity()
}
