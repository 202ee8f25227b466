//! Exchanges a refresh token for the next one, and ends the session where a spent token is used again.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Cached, Connection, Error, SqlTimestamp, job, revocation,
        schema::{refresh_tokens, sessions, users},
        user,
    },
    rows::{SessionRow, insert_refresh_token},
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper, dsl::exists, update};
use fasttrack_domain::{
    Timestamp,
    mail::Notice,
    revocation::RevokingAct,
    session::{Exchange, Exchanged, Login, RefreshGrant},
    user::User,
};

/// See [`SessionRepository::exchange`](fasttrack_domain::ports::session::SessionRepository::exchange).
pub(super) async fn exchange(conn: &mut Connection, exchange: &Exchange) -> Result<Exchanged, Error> {
    let fresh = spend(conn, exchange).await?;
    let renewable = fresh || {
        match spent_at(conn, exchange).await? {
            None => return Ok(Exchanged::Refused),
            Some(spent_at) => exchange.reusable_since.is_some_and(|since| spent_at >= since),
        }
    };
    let login = if renewable { renew(conn, exchange).await? } else { None };
    match login {
        Some(login) => Ok(Exchanged::Renewed(login)),
        // The session ended while its token was being spent.
        None if fresh => Ok(Exchanged::Refused),
        None => {
            revoke(conn, exchange).await?;
            Ok(Exchanged::Reused { session_id: exchange.session_id })
        }
    }
}

/// Marks the token as spent. `true` for one of any number of callers, and only where the token is valid.
async fn spend(conn: &mut Connection, exchange: &Exchange) -> Result<bool, Error> {
    let live_session = sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(exchange.session_id.get()))
        .filter(sessions::ended_at.is_null())
        .filter(users::is_active.eq(true));
    let statement = update(refresh_tokens::table.find(exchange.spent.as_str()))
        .filter(refresh_tokens::session_id.eq(exchange.session_id.get()))
        .filter(refresh_tokens::spent_at.is_null())
        .filter(refresh_tokens::expires_at.gt(SqlTimestamp(exchange.at)))
        .filter(exists(live_session))
        .set(refresh_tokens::spent_at.eq(SqlTimestamp(exchange.at)));
    Ok(Cached(statement).execute(conn).await? == 1)
}

/// Extends the session and inserts its next token; `None` where the session has ended.
async fn renew(conn: &mut Connection, exchange: &Exchange) -> Result<Option<Login>, Error> {
    let session = sessions::table
        .find(exchange.session_id.get())
        .filter(sessions::ended_at.is_null())
        .select(SessionRow::as_select())
        .first(conn)
        .await
        .optional()?;
    let Some(mut session) = session.map(SessionRow::entity).transpose()? else { return Ok(None) };
    if exchange.session_key.is_some_and(|key| key != session.key) {
        return Ok(None);
    }
    let Some(expires_at) = exchange.expires_at(session.created_at) else { return Ok(None) };
    let Some(user) = user::find(conn, session.user_id.get()).await?.filter(|user: &User| user.is_active) else {
        return Ok(None);
    };
    (session.last_used_at, session.expires_at) = (exchange.at, expires_at);
    (session.ip, session.user_agent) = (exchange.client.ip.clone(), exchange.client.user_agent.clone());
    let statement = update(sessions::table.find(session.id.get())).filter(sessions::ended_at.is_null()).set((
        sessions::last_used_at.eq(SqlTimestamp(session.last_used_at)),
        sessions::expires_at.eq(SqlTimestamp(session.expires_at)),
        sessions::ip.eq(session.ip.as_deref()),
        sessions::user_agent.eq(session.user_agent.as_deref()),
    ));
    // It may have ended since it was read.
    if Cached(statement).execute(conn).await? == 0 {
        return Ok(None);
    }
    insert_refresh_token(conn, session.id.get(), &RefreshGrant { expires_at, ..exchange.next.clone() }).await?;
    Ok(Some(Login { session, user }))
}

/// When the token was spent; `None` where it is not of this session, or not spent.
async fn spent_at(conn: &mut Connection, exchange: &Exchange) -> Result<Option<Timestamp>, Error> {
    let spent: Option<Option<SqlTimestamp>> = refresh_tokens::table
        .find(exchange.spent.as_str())
        .filter(refresh_tokens::session_id.eq(exchange.session_id.get()))
        .select(refresh_tokens::spent_at)
        .first(conn)
        .await
        .optional()?;
    Ok(spent.flatten().map(|timestamp| timestamp.0))
}

async fn revoke(conn: &mut Connection, exchange: &Exchange) -> Result<(), Error> {
    let ended: Option<i64> = update(sessions::table.find(exchange.session_id.get()))
        .filter(sessions::ended_at.is_null())
        .set(sessions::ended_at.eq(SqlTimestamp(exchange.at)))
        .returning(sessions::user_id)
        .get_result(conn)
        .await
        .optional()?;
    // No notice for a session that had ended already: its owner ended it, or got one then.
    if let Some(user) = ended {
        let user = user::find(conn, user).await?;
        let notice = user.and_then(|user| user.notice(Notice::SessionRevoked, exchange.at));
        job::enqueue(conn, notice.as_slice()).await?;
    }
    revocation::record(conn, &[RevokingAct::RefreshTokenReused(exchange.session_id).revocation(exchange.at)]).await
}
