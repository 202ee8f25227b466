//! Uses of API tokens, by one statement after the other: they cost no round trip, and are committed in groups.

use super::in_place::Connection;
use super::run_query_dsl::RunQueryDsl;
use crate::{cached::Cached, sql_timestamp::SqlTimestamp};
use diesel::{QueryResult, sql_query, sql_types::BigInt};

/// Stores the last use of each of these tokens where it is later than the stored one.
pub(super) async fn record(conn: &mut Connection, uses: Vec<(i64, SqlTimestamp)>) -> QueryResult<()> {
    for (id, at) in uses {
        let statement = sql_query(
            "UPDATE api_tokens SET last_used_at = ?1 WHERE id = ?2 AND (last_used_at IS NULL OR last_used_at < ?1)",
        );
        Cached(statement.bind::<BigInt, _>(at).bind::<BigInt, _>(id)).execute(conn).await?;
    }
    Ok(())
}
