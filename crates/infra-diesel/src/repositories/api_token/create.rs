//! Creates API tokens.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{Connection, Error, Lock, SqlTimestamp, dialect, schema::api_tokens, user},
    rows::project_ids,
};
use diesel::{ExpressionMethods, QueryDsl, insert_into};
use fasttrack_domain::{
    api_token::{ApiToken, NewApiToken},
    id::ApiTokenId,
    ports::constraint,
    user::User,
};

/// See [`ApiTokenRepository::create`](fasttrack_domain::ports::api_token::ApiTokenRepository::create).
pub(super) async fn create(conn: &mut Connection, new: &NewApiToken) -> Result<ApiToken, Error> {
    let user = new.user_id.get();
    // Serializes the creations of a user, so that each counts the tokens of those before it, and whatever revokes all
    // tokens of the user.
    dialect::lock(conn, Lock::Password(user)).await?;
    // A request that was authenticated before a reset, whose body came after it, creates no token.
    if user::find(conn, user).await?.is_none_or(|user: User| !user.is_active || user.token_epoch != new.epoch) {
        return Err(Error::Conflict(constraint::REFERENCE));
    }
    if count_live(conn, new).await? >= i64::from(new.quota) {
        return Err(Error::Conflict(constraint::QUOTA));
    }
    let id = insert_into(api_tokens::table)
        .values((
            api_tokens::user_id.eq(user),
            api_tokens::name.eq(new.name.as_str()),
            api_tokens::prefix.eq(new.prefix.as_str()),
            api_tokens::hash.eq(&new.hash.as_bytes()[..]),
            api_tokens::scopes.eq(new.scopes.to_string()),
            api_tokens::project_ids.eq(project_ids(&new.reach)?),
            api_tokens::created_at.eq(SqlTimestamp(new.created_at)),
            api_tokens::expires_at.eq(new.expires_at.map(SqlTimestamp)),
        ))
        .returning(api_tokens::id)
        .get_result(conn)
        .await?;
    Ok(new.stored(ApiTokenId::new(id)))
}

/// Counts the user's tokens that are neither revoked nor expired when the new one is created.
async fn count_live(conn: &mut Connection, new: &NewApiToken) -> Result<i64, Error> {
    let unrevoked =
        || api_tokens::table.filter(api_tokens::user_id.eq(new.user_id.get())).filter(api_tokens::revoked_at.is_null());
    // Two queries, as an index has the rows of each, however many have expired.
    let unlimited: i64 = unrevoked().filter(api_tokens::expires_at.is_null()).count().get_result(conn).await?;
    let unexpired = unrevoked().filter(api_tokens::expires_at.gt(SqlTimestamp(new.created_at)));
    let unexpired: i64 = unexpired.count().get_result(conn).await?;
    Ok(unlimited + unexpired)
}
