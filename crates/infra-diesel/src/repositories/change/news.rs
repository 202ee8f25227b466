//! Whose feeds have gone on.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{Cached, Connection, Error},
    rows,
};
use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use fasttrack_domain::{id::UserId, ports::change::FeedNews};

/// The first users to whom something behind a number matters. A change of access is one of users; it comes with a change of
/// the project, which its members see. The plus keeps SQLite from a scan of all rows in the order of users.
const READERS: &str = "SELECT user_id FROM members \
     WHERE project_id IN (SELECT project_id FROM changes WHERE seq > $1) \
     UNION SELECT +user_id FROM user_changes WHERE seq > $1 LIMIT $2";

#[derive(QueryableByName)]
struct ReaderRow {
    #[diesel(sql_type = BigInt)]
    user_id: i64,
}

/// See [`ChangeFeed::news`](fasttrack_domain::ports::change::ChangeFeed::news).
pub(super) async fn news(conn: &mut Connection, after: i64, limit: u32) -> Result<FeedNews, Error> {
    // First the number: what is committed afterwards is found twice rather than never.
    let seq = rows::head(conn).await?.seq;
    if seq - after > i64::from(limit) {
        return Ok(FeedNews { seq, readers: None });
    }
    let query = sql_query(READERS).bind::<BigInt, _>(after).bind::<BigInt, _>(i64::from(limit) + 1);
    let found: Vec<ReaderRow> = Cached(query).load(conn).await?;
    let is_complete = found.len() <= limit as usize;
    let readers = is_complete.then(|| found.into_iter().map(|row| UserId::new(row.user_id)).collect());
    Ok(FeedNews { seq, readers })
}
