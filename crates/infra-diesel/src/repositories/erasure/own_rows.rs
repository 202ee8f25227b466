//! Deletes rows that belong to an erased account alone. Those of API tokens stay without its data.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Connection, Error, api_token,
        schema::{
            held_notices, idempotency_records, notification_heads, notifications, refresh_tokens, sent_notices,
            sessions, user_changes,
        },
    },
    portion::{PORTION, is_full},
};
use diesel::{ExpressionMethods, QueryDsl, delete as delete_from};

/// Sessions of a portion: the refresh tokens of each, a few hundred at most, are deleted with it.
const SESSIONS: i64 = 20;

/// Deletes a portion of the account's sessions. Returns whether none is left.
async fn delete_sessions(conn: &mut Connection, user: i64) -> Result<bool, Error> {
    let own = sessions::table.filter(sessions::user_id.eq(user)).limit(SESSIONS).select(sessions::id);
    let own: Vec<i64> = own.load(conn).await?;
    let is_last = i64::try_from(own.len()).is_ok_and(|count| count < SESSIONS);
    // Tokens before their sessions, as a refresh locks them.
    delete_from(refresh_tokens::table.filter(refresh_tokens::session_id.eq_any(&own))).execute(conn).await?;
    delete_from(sessions::table.filter(sessions::id.eq_any(&own))).execute(conn).await?;
    Ok(is_last)
}

/// Deletes a portion of the account's records of requests. Returns whether none is left.
async fn delete_requests(conn: &mut Connection, user: i64) -> Result<bool, Error> {
    let own = || idempotency_records::table.filter(idempotency_records::user_id.eq(user));
    let keys: Vec<String> = own().limit(PORTION).select(idempotency_records::key).load(conn).await?;
    let is_last = !is_full(keys.len());
    delete_from(own().filter(idempotency_records::key.eq_any(keys))).execute(conn).await?;
    Ok(is_last)
}

/// Deletes a portion of the account's notifications. Returns whether none is left.
async fn delete_notifications(conn: &mut Connection, user: i64) -> Result<bool, Error> {
    let own = || notifications::table.filter(notifications::user_id.eq(user));
    let oldest: Vec<i64> = own().order(notifications::seq).limit(PORTION).select(notifications::seq).load(conn).await?;
    if let Some(&last) = oldest.last() {
        delete_from(own().filter(notifications::seq.le(last))).execute(conn).await?;
    }
    if is_full(oldest.len()) {
        return Ok(false);
    }
    delete_from(notification_heads::table.find(user)).execute(conn).await?;
    Ok(true)
}

/// Deletes a portion of the notices that were sent to the account, or held for it. Returns whether none is left.
async fn delete_notices(conn: &mut Connection, user: i64) -> Result<bool, Error> {
    let held = held_notices::table.filter(held_notices::user_id.eq(user)).limit(PORTION).select(held_notices::id);
    let held: Vec<i64> = held.load(conn).await?;
    let sent = sent_notices::table.filter(sent_notices::user_id.eq(user)).limit(PORTION).select(sent_notices::mail);
    let sent: Vec<String> = sent.load(conn).await?;
    let is_last = !is_full(held.len()) && !is_full(sent.len());
    delete_from(held_notices::table.filter(held_notices::id.eq_any(held))).execute(conn).await?;
    delete_from(sent_notices::table.filter(sent_notices::mail.eq_any(sent))).execute(conn).await?;
    Ok(is_last)
}

/// Deletes a portion of what the account would have had to look at again. Returns whether none is left.
async fn delete_changes(conn: &mut Connection, user: i64) -> Result<bool, Error> {
    let own = || user_changes::table.filter(user_changes::user_id.eq(user));
    let oldest: Vec<i64> = own().order(user_changes::seq).limit(PORTION).select(user_changes::seq).load(conn).await?;
    if let Some(&last) = oldest.last() {
        delete_from(own().filter(user_changes::seq.le(last))).execute(conn).await?;
    }
    Ok(!is_full(oldest.len()))
}

/// Deletes a portion of each kind. Returns whether nothing is left.
pub(super) async fn delete(conn: &mut Connection, user: i64) -> Result<bool, Error> {
    let mut is_last = delete_sessions(conn, user).await?;
    is_last &= delete_requests(conn, user).await?;
    is_last &= delete_notifications(conn, user).await?;
    is_last &= delete_notices(conn, user).await?;
    is_last &= delete_changes(conn, user).await?;
    is_last &= !is_full(api_token::end::erase(conn, user, PORTION).await?);
    Ok(is_last)
}
