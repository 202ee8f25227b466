//! Sessions and their refresh tokens.

mod exchange;

use super::{
    Connection, Database, Error, Lock, SqlTimestamp, dialect, revocation,
    schema::{refresh_tokens, sessions, users},
    user,
};
use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper, delete, insert_into,
    update,
};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{
    Timestamp,
    id::{SessionId, UserId},
    key::InstanceKey,
    page::{Page, PageRequest},
    ports::{RepositoryError, session},
    revocation::{Revocation, RevokingAct},
    session::{Exchange, Exchanged, Login, MAX_SESSIONS, NewSession, Opened, RefreshGrant, Session},
    token::RefreshClaims,
    user::Credentials,
};

/// Stores sessions.
#[derive(Clone)]
pub struct SessionRepository {
    database: Database,
}

impl SessionRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct SessionRow {
    id: i64,
    user_id: i64,
    created_at: SqlTimestamp,
    last_used_at: SqlTimestamp,
    expires_at: SqlTimestamp,
    ip: Option<String>,
    user_agent: Option<String>,
    key: Vec<u8>,
}

impl SessionRow {
    fn entity(self) -> Result<Session, Error> {
        let key = InstanceKey::try_from(&*self.key).map_err(Error::corrupt("sessions", self.id))?;
        Ok(Session {
            id: SessionId::new(self.id),
            user_id: UserId::new(self.user_id),
            created_at: self.created_at.0,
            last_used_at: self.last_used_at.0,
            expires_at: self.expires_at.0,
            ip: self.ip,
            user_agent: self.user_agent,
            key,
        })
    }
}

/// Ends every session of the user.
pub(super) async fn end_all(conn: &mut Connection, user: UserId, at: Timestamp) -> Result<(), Error> {
    let live = sessions::table.filter(sessions::user_id.eq(user.get())).filter(sessions::ended_at.is_null());
    update(live).set(sessions::ended_at.eq(SqlTimestamp(at))).execute(conn).await?;
    Ok(())
}

/// Ends every live session of the user but `kept`, and inserts those that ended into the blocklist.
pub(super) async fn end_others(
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
async fn end_surplus(conn: &mut Connection, user: UserId, at: Timestamp) -> Result<Vec<Revocation>, Error> {
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

async fn insert_refresh_token(conn: &mut Connection, session_id: i64, refresh: &RefreshGrant) -> Result<(), Error> {
    insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::jti.eq(refresh.token_id.as_str()),
            refresh_tokens::session_id.eq(session_id),
            refresh_tokens::expires_at.eq(SqlTimestamp(refresh.expires_at)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

// @spec SPEC-001
#[async_trait]
impl session::SessionRepository for SessionRepository {
    async fn open(&self, session: NewSession) -> Result<Option<Opened>, RepositoryError> {
        self.database
            .write(async move |conn| {
                // Serializes the logins of a user, so that each counts the sessions of those before it.
                dialect::lock(conn, Lock::Password(session.user_id.get())).await?;
                let found = user::credentials(conn, session.user_id).await?;
                let Some(Credentials { user, password_hash }) = found.filter(|found| found.user.is_active) else {
                    return Ok(None);
                };
                if session.proven_by.is_some() && session.proven_by != password_hash {
                    return Ok(None);
                }
                if let (Some(_), Some(renewed)) = (&session.proven_by, &session.renewed) {
                    user::renew_hash(conn, user.id, renewed).await?;
                }
                let row: SessionRow = insert_into(sessions::table)
                    .values((
                        sessions::user_id.eq(user.id.get()),
                        sessions::created_at.eq(SqlTimestamp(session.created_at)),
                        sessions::last_used_at.eq(SqlTimestamp(session.created_at)),
                        sessions::expires_at.eq(SqlTimestamp(session.refresh.expires_at)),
                        sessions::ip.eq(session.client.ip),
                        sessions::user_agent.eq(session.client.user_agent),
                        sessions::key.eq(dialect::random_key!()),
                    ))
                    .returning(SessionRow::as_returning())
                    .get_result(conn)
                    .await?;
                insert_refresh_token(conn, row.id, &session.refresh).await?;
                let login = Login { session: row.entity()?, user };
                Ok(Some(Opened { login, revocations: end_surplus(conn, session.user_id, session.created_at).await? }))
            })
            .await
    }

    async fn exchange(&self, exchange: Exchange) -> Result<Exchanged, RepositoryError> {
        let exchanged = self.database.write(async move |conn| exchange::exchange(conn, &exchange).await).await?;
        if let Exchanged::Reused { .. } = exchanged {
            self.database.hints().jobs.notify_one();
        }
        Ok(exchanged)
    }

    async fn accepts(&self, refresh: RefreshClaims, now: Timestamp) -> Result<bool, RepositoryError> {
        self.database
            .read(async move |conn| {
                let key: Option<Vec<u8>> = refresh_tokens::table
                    .inner_join(sessions::table.inner_join(users::table))
                    .filter(refresh_tokens::jti.eq(refresh.token_id.as_str()))
                    .filter(refresh_tokens::session_id.eq(refresh.session_id.get()))
                    .filter(refresh_tokens::spent_at.is_null())
                    .filter(refresh_tokens::expires_at.gt(SqlTimestamp(now)))
                    .filter(sessions::user_id.eq(refresh.user_id.get()))
                    .filter(sessions::ended_at.is_null())
                    .filter(users::is_active.eq(true))
                    .select(sessions::key)
                    .first(conn)
                    .await
                    .optional()?;
                // A token of a release before keys has none.
                let claimed = refresh.session_key;
                Ok(key.is_some_and(|key| claimed.is_none_or(|claimed| *key == *claimed.as_bytes())))
            })
            .await
    }

    async fn end(
        &self,
        ids: Vec<SessionId>,
        user_id: UserId,
        at: Timestamp,
    ) -> Result<Vec<Revocation>, RepositoryError> {
        self.database
            .write(async move |conn| {
                let live = sessions::table
                    .filter(sessions::id.eq_any(ids.into_iter().map(SessionId::get).collect::<Vec<_>>()))
                    .filter(sessions::user_id.eq(user_id.get()))
                    .filter(sessions::ended_at.is_null())
                    .filter(sessions::expires_at.gt(SqlTimestamp(at)));
                let statement = update(live).set(sessions::ended_at.eq(SqlTimestamp(at))).returning(sessions::id);
                let ended = statement.get_results(conn).await?;
                revocation::record_sessions(conn, ended, RevokingAct::Logout, at).await
            })
            .await
    }

    async fn list(&self, user_id: UserId, now: Timestamp, page: PageRequest) -> Result<Page<Session>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let rows = sessions::table
                    .filter(sessions::user_id.eq(user_id.get()))
                    .filter(sessions::ended_at.is_null())
                    .filter(sessions::expires_at.gt(SqlTimestamp(now)))
                    .filter(sessions::id.lt(page.before_id()))
                    .order(sessions::id.desc())
                    .limit(page.fetch())
                    .select(SessionRow::as_select())
                    .load(conn)
                    .await?;
                let sessions = rows.into_iter().map(SessionRow::entity).collect::<Result<_, _>>()?;
                Ok(Page::from_fetched(sessions, &page, |session: &Session| session.id.get()))
            })
            .await
    }

    async fn delete_expired(&self, before: Timestamp) -> Result<u64, RepositoryError> {
        self.database
            .write(async move |conn| {
                let before = SqlTimestamp(before);
                // Two statements, as each uses an index of its own.
                let expired = delete(sessions::table.filter(sessions::expires_at.lt(before))).execute(conn).await?;
                let ended = delete(sessions::table.filter(sessions::ended_at.lt(before))).execute(conn).await?;
                // Spent tokens of live sessions, too: once expired they are refused anyway.
                delete(refresh_tokens::table.filter(refresh_tokens::expires_at.lt(before))).execute(conn).await?;
                Ok((expired + ended) as u64)
            })
            .await
    }
}
