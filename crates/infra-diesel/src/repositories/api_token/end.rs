//! These functions revoke API tokens, and erase what they say of their user.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{
    Cached, Connection, Error, Moment, SqlTimestamp, audit, dialect, revocation, schema::api_tokens,
    secret_hash::secret_hash,
};
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, sql_query,
    sql_types::{BigInt, Binary, Nullable},
    update,
};
use fasttrack_domain::{
    Timestamp, api_token,
    audit::AuditEntry,
    id::{ApiTokenId, UserId},
    revocation::Revocation,
};

/// Revokes a token of any user where `$3` is NULL.
const REVOKE: &str = "UPDATE api_tokens SET revoked_at = $1 \
     WHERE id = $2 AND user_id = coalesce($3, user_id) AND revoked_at IS NULL RETURNING hash";

#[derive(QueryableByName)]
struct HashRow {
    #[diesel(sql_type = Binary)]
    hash: Vec<u8>,
}

/// See [`ApiTokenRepository::revoke`](fasttrack_domain::ports::api_token::ApiTokenRepository::revoke). Returns the audit
/// entry for [`log_committed`](audit::log_committed), too.
pub(super) async fn revoke(
    conn: &mut Connection,
    id: ApiTokenId,
    user_id: Option<UserId>,
    at: Timestamp,
    audit: Option<AuditEntry>,
) -> Result<(Option<Revocation>, Option<AuditEntry>), Error> {
    let statement = sql_query(REVOKE).bind::<Moment, _>(SqlTimestamp(at)).bind::<BigInt, _>(id.get());
    let statement = statement.bind::<Nullable<BigInt>, _>(user_id.map(UserId::get));
    let revoked: Option<HashRow> = Cached(statement).get_result(conn).await.optional()?;
    let Some(HashRow { hash }) = revoked else { return Ok((None, None)) };
    let hash = secret_hash("api_tokens", id.get(), &hash)?;
    let entry = audit::insert(conn, audit, None).await?;
    let revocation = api_token::revocation(&hash, at);
    revocation::record(conn, std::slice::from_ref(&revocation)).await?;
    Ok((Some(revocation), entry))
}

/// Revokes every token of the user. The caller has the lock of the user, so that no further one is created, and inserts
/// the user's new epoch into the blocklist.
pub(in super::super) async fn revoke_all(conn: &mut Connection, user: UserId, at: Timestamp) -> Result<(), Error> {
    let unrevoked =
        || api_tokens::table.filter(api_tokens::user_id.eq(user.get())).filter(api_tokens::revoked_at.is_null());
    let ids = unrevoked().order(api_tokens::id).select(api_tokens::id);
    // Locked in the order of their ids, as where uses are stored.
    dialect::no_key_update!(ids).load::<i64>(conn).await?;
    update(unrevoked()).set(api_tokens::revoked_at.eq(SqlTimestamp(at))).execute(conn).await?;
    Ok(())
}

/// Erases up to `limit` of the user's tokens, which are revoked, and returns how many. The rows stay, so that each token
/// is refused as revoked.
pub(in super::super) async fn erase(conn: &mut Connection, user: i64, limit: i64) -> Result<usize, Error> {
    let own = api_tokens::table.filter(api_tokens::user_id.eq(user)).order(api_tokens::id).limit(limit);
    let own: Vec<i64> = own.select(api_tokens::id).load(conn).await?;
    let count = own.len();
    update(api_tokens::table.filter(api_tokens::id.eq_any(own)))
        .set((
            api_tokens::user_id.eq(None::<i64>),
            api_tokens::name.eq(""),
            api_tokens::prefix.eq(""),
            api_tokens::project_ids.eq(None::<String>),
        ))
        .execute(conn)
        .await?;
    Ok(count)
}
