//! These functions end sessions of a user.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{Connection, Error, SqlTimestamp, revocation, schema::sessions};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, update};
use fasttrack_domain::{
    Timestamp,
    id::{SessionId, UserId},
    revocation::{Revocation, RevokingAct},
    session::MAX_SESSIONS,
};

/// Ends every session of the user.
pub(in super::super) async fn end_all_sessions(
    conn: &mut Connection,
    user: UserId,
    at: Timestamp,
) -> Result<(), Error> {
    let live = sessions::table.filter(sessions::user_id.eq(user.get())).filter(sessions::ended_at.is_null());
    update(live).set(sessions::ended_at.eq(SqlTimestamp(at))).execute(conn).await?;
    Ok(())
}

/// Ends every live session of the user but `kept`, and inserts those that ended into the blocklist.
pub(in super::super) async fn end_other_sessions(
    conn: &mut Connection,
    user: UserId,
    kept: Option<SessionId>,
    at: Timestamp,
) -> Result<Vec<Revocation>, Error> {
    let others = sessions::table
        .filter(sessions::user_id.eq(user.get()))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(SqlTimestamp(at)))
        // No session has the id 0.
        .filter(sessions::id.ne(kept.map_or(0, SessionId::get)));
    let ended =
        update(others).set(sessions::ended_at.eq(SqlTimestamp(at))).returning(sessions::id).get_results(conn).await?;
    revocation::record_sessions(conn, ended, RevokingAct::PasswordChanged, at).await
}

/// Ends the user's oldest live sessions, so that no more than [`MAX_SESSIONS`] are left.
pub(super) async fn end_surplus_sessions(
    conn: &mut Connection,
    user: UserId,
    at: Timestamp,
) -> Result<Vec<Revocation>, Error> {
    let live = || {
        sessions::table
            .filter(sessions::user_id.eq(user.get()))
            .filter(sessions::ended_at.is_null())
            .filter(sessions::expires_at.gt(SqlTimestamp(at)))
    };
    let newest_surplus: Option<i64> = live()
        .order(sessions::id.desc())
        .offset(MAX_SESSIONS.into())
        .limit(1)
        .select(sessions::id)
        .first(conn)
        .await
        .optional()?;
    let Some(newest) = newest_surplus else { return Ok(Vec::new()) };
    let surplus = live().filter(sessions::id.le(newest));
    let ended =
        update(surplus).set(sessions::ended_at.eq(SqlTimestamp(at))).returning(sessions::id).get_results(conn).await?;
    revocation::record_sessions(conn, ended, RevokingAct::SessionLimitExceeded, at).await
}
