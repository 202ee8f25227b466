//! Finds the claims of API tokens.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Connection, Error, SqlTimestamp,
        schema::{api_tokens, users},
    },
    rows::{OwnerRow, TokenRow},
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use fasttrack_domain::{
    Timestamp,
    key::InstanceKey,
    ticket::SecretHash,
    token::{AccessClaims, TokenError},
};

/// A token, when it was revoked, and its user, who is absent once the account was erased.
type Found = (TokenRow, Option<SqlTimestamp>, Option<OwnerRow>);

/// See [`ApiTokenRepository::find`](fasttrack_domain::ports::api_token::ApiTokenRepository::find).
pub(super) async fn find(
    conn: &mut Connection,
    hash: SecretHash,
    now: Timestamp,
) -> Result<Option<Result<AccessClaims, TokenError>>, Error> {
    let found: Option<Found> = api_tokens::table
        .left_join(users::table)
        .filter(api_tokens::hash.eq(&hash.as_bytes()[..]))
        .select((TokenRow::as_select(), api_tokens::revoked_at, Option::<OwnerRow>::as_select()))
        .first(conn)
        .await
        .optional()?;
    let Some((token, revoked_at, owner)) = found else { return Ok(None) };
    // An erased account isn't active, either.
    let (None, Some(owner)) = (revoked_at, owner.filter(|owner| owner.is_active)) else {
        return Ok(Some(Err(TokenError::Revoked)));
    };
    let token = token.entity()?;
    if token.expires_at.is_some_and(|expires_at| expires_at <= now) {
        return Ok(Some(Err(TokenError::Expired)));
    }
    let corrupt = Error::corrupt("users", token.user_id.get());
    let role = owner.role.parse().map_err(&corrupt)?;
    let key = InstanceKey::try_from(&*owner.key).map_err(&corrupt)?;
    Ok(Some(Ok(token.claims(&hash, role, owner.token_epoch, key))))
}
