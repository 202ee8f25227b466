//! Stores tokens of invitations, and counts the mails that take them to an address.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{
    Connection, Error, Lock, SqlTimestamp, dialect,
    schema::{invitation_mails, invitations},
};
use crate::lock::key_of;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, insert_into, update};
use fasttrack_domain::invitation::{INVITATION_MAIL_WINDOW, MAX_INVITATION_MAILS, NewInvitationToken};

/// The key of the invitation's address, and its token.
type Row = (String, Option<Vec<u8>>);

/// See [`InvitationRepository::set_token`](fasttrack_domain::ports::invitation::InvitationRepository::set_token).
pub(super) async fn set(conn: &mut Connection, token: NewInvitationToken) -> Result<bool, Error> {
    let open = || {
        invitations::table
            .filter(invitations::id.eq(token.invitation_id.get()))
            .filter(invitations::expires_at.gt(SqlTimestamp(token.created_at)))
    };
    let found: Option<Row> =
        open().select((invitations::address_key, invitations::hash)).first(conn).await.optional()?;
    let Some((address, former)) = found else { return Ok(false) };
    let counts = !token.again || former.is_none();
    if counts {
        // The mails to an address are counted one after the other.
        dialect::lock(conn, Lock::Address(key_of(&address))).await?;
        let sent: i64 = invitation_mails::table
            .filter(invitation_mails::address_key.eq(&address))
            .filter(invitation_mails::sent_at.gt(SqlTimestamp(token.created_at - INVITATION_MAIL_WINDOW)))
            .count()
            .get_result(conn)
            .await?;
        if sent >= i64::from(MAX_INVITATION_MAILS) {
            return Ok(false);
        }
    }
    let hash = &token.hash.as_bytes()[..];
    // It may have been withdrawn since it was read.
    if update(open()).set(invitations::hash.eq(hash)).execute(conn).await? == 0 {
        return Ok(false);
    }
    if counts {
        let mail =
            (invitation_mails::address_key.eq(address), invitation_mails::sent_at.eq(SqlTimestamp(token.created_at)));
        insert_into(invitation_mails::table).values(mail).execute(conn).await?;
    }
    Ok(true)
}
