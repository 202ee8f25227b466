//! Uses of API tokens, by one statement.

use super::connection::Connection;
use super::run_query_dsl::RunQueryDsl;
use crate::{cached::Cached, sql_timestamp::SqlTimestamp};
use diesel::{
    QueryResult, sql_query,
    sql_types::{Array, BigInt, Timestamptz},
};

/// Stores the last use of each of these tokens where it is later than the stored one.
///
/// The rows are locked in the order of their ids, so that nodes that store uses of the same tokens can't deadlock.
pub(super) async fn record(conn: &mut Connection, uses: Vec<(i64, SqlTimestamp)>) -> QueryResult<()> {
    let statement = sql_query(
        "WITH used AS (SELECT api_tokens.id, uses.at FROM unnest($1, $2) AS uses (id, at) \
             JOIN api_tokens ON api_tokens.id = uses.id ORDER BY api_tokens.id FOR NO KEY UPDATE OF api_tokens) \
         UPDATE api_tokens SET last_used_at = used.at FROM used \
         WHERE api_tokens.id = used.id AND (api_tokens.last_used_at IS NULL OR api_tokens.last_used_at < used.at)",
    );
    let (ids, times): (Vec<_>, Vec<_>) = uses.into_iter().unzip();
    let statement = statement.bind::<Array<BigInt>, _>(ids).bind::<Array<Timestamptz>, _>(times);
    Cached(statement).execute(conn).await.map(drop)
}
