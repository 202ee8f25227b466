//! These functions make tokens invalid that mails took to a user.

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Connection, Error,
    schema::{email_verifications, password_resets},
};
use diesel::{ExpressionMethods, QueryDsl, delete, update};
use fasttrack_domain::id::UserId;

/// Deletes the user's token for a new password, if there is one.
pub(super) async fn delete_password_reset(conn: &mut Connection, user: UserId) -> Result<(), Error> {
    delete(password_resets::table.find(user.get())).execute(conn).await?;
    Ok(())
}

/// Invalidates the user's token that verifies an address. The row stays, with the number of mails that were sent.
pub(super) async fn invalidate_verification(conn: &mut Connection, user: UserId) -> Result<(), Error> {
    let row = email_verifications::table.find(user.get());
    update(row).set(email_verifications::hash.eq(None::<Vec<u8>>)).execute(conn).await?;
    Ok(())
}
