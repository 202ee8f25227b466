//! Sessions and their refresh tokens.

pub(super) mod end;
mod exchange;
mod rows;

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Database, Lock, SqlTimestamp, dialect, revocation,
    schema::{refresh_tokens, sessions, users},
    user,
};
use async_trait::async_trait;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper, delete, insert_into, update};
use end::end_surplus_sessions;
use fasttrack_domain::{
    Timestamp,
    id::{SessionId, UserId},
    page::{Page, PageRequest},
    ports::{RepositoryError, session},
    revocation::{Revocation, RevokingAct},
    session::{Exchange, Exchanged, Login, NewSession, Opened, Session},
    token::RefreshClaims,
    user::Credentials,
};
use rows::{SessionRow, insert_refresh_token};

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
                let revocations = end_surplus_sessions(conn, session.user_id, session.created_at).await?;
                Ok(Some(Opened { login, revocations }))
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
