//! Sessions and their refresh tokens.

use super::{
    Cached, Connection, Database, Error, Lock, Stamp, dialect, revocation,
    schema::{refresh_tokens, sessions, users},
    user,
};
use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper, delete, dsl::exists,
    insert_into, update,
};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{
    Timestamp,
    id::{SessionId, UserId},
    page::{Page, PageRequest},
    ports::{RepositoryError, session},
    session::{Exchange, Exchanged, Login, NewSession, RefreshGrant, Session},
    token::{Revocation, Revoked},
    user::{Credentials, User},
};

/// Stores sessions.
#[derive(Clone)]
pub struct SessionRepository {
    database: Database,
}

impl SessionRepository {
    /// In this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct SessionRow {
    id: i64,
    user_id: i64,
    created_at: Stamp,
    last_used_at: Stamp,
    expires_at: Stamp,
    ip: Option<String>,
    user_agent: Option<String>,
}

impl SessionRow {
    fn entity(self) -> Session {
        Session {
            id: SessionId::new(self.id),
            user_id: UserId::new(self.user_id),
            created_at: self.created_at.0,
            last_used_at: self.last_used_at.0,
            expires_at: self.expires_at.0,
            ip: self.ip,
            user_agent: self.user_agent,
        }
    }
}

/// Ends every session of the user.
pub(super) async fn end_all(conn: &mut Connection, user: UserId, at: Timestamp) -> Result<(), Error> {
    let live = sessions::table.filter(sessions::user_id.eq(user.get())).filter(sessions::ended_at.is_null());
    update(live).set(sessions::ended_at.eq(Stamp(at))).execute(conn).await?;
    Ok(())
}

/// Ends every other live session of the user; which those are.
pub(super) async fn end_others(
    conn: &mut Connection,
    user: UserId,
    kept: Option<SessionId>,
    at: Timestamp,
) -> Result<Vec<SessionId>, Error> {
    let others = sessions::table
        .filter(sessions::user_id.eq(user.get()))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(Stamp(at)))
        // No session has the id 0.
        .filter(sessions::id.ne(kept.map_or(0, SessionId::get)));
    let ended: Vec<i64> =
        update(others).set(sessions::ended_at.eq(Stamp(at))).returning(sessions::id).get_results(conn).await?;
    Ok(ended.into_iter().map(SessionId::new).collect())
}

async fn grant(conn: &mut Connection, session_id: i64, refresh: &RefreshGrant) -> Result<(), Error> {
    insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::jti.eq(refresh.token_id.as_str()),
            refresh_tokens::session_id.eq(session_id),
            refresh_tokens::expires_at.eq(Stamp(refresh.expires_at)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Spends the token if it can be spent: of any number of callers one is told `true`.
async fn spend(conn: &mut Connection, exchange: &Exchange) -> Result<bool, Error> {
    let live_session = sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(exchange.session_id.get()))
        .filter(sessions::ended_at.is_null())
        .filter(users::is_active.eq(true));
    let statement = update(refresh_tokens::table.find(exchange.spent.as_str()))
        .filter(refresh_tokens::session_id.eq(exchange.session_id.get()))
        .filter(refresh_tokens::spent_at.is_null())
        .filter(refresh_tokens::expires_at.gt(Stamp(exchange.at)))
        .filter(exists(live_session))
        .set(refresh_tokens::spent_at.eq(Stamp(exchange.at)));
    Ok(Cached(statement).execute(conn).await? == 1)
}

/// Carries the session on with its next token; `None` where it is over.
async fn renew(conn: &mut Connection, exchange: &Exchange) -> Result<Option<Login>, Error> {
    let session = update(sessions::table.find(exchange.session_id.get()))
        .filter(sessions::ended_at.is_null())
        .set((
            sessions::last_used_at.eq(Stamp(exchange.at)),
            sessions::expires_at.eq(Stamp(exchange.next.expires_at)),
            sessions::ip.eq(exchange.client.ip.as_deref()),
            sessions::user_agent.eq(exchange.client.user_agent.as_deref()),
        ))
        .returning(SessionRow::as_returning())
        .get_result(conn)
        .await
        .optional()?;
    let Some(session) = session.map(SessionRow::entity) else { return Ok(None) };
    let Some(user) = user::find(conn, session.user_id.get()).await?.filter(|user: &User| user.is_active) else {
        return Ok(None);
    };
    grant(conn, session.id.get(), &exchange.next).await?;
    Ok(Some(Login { session, user }))
}

/// When the token was spent, if it is one of this session and was.
async fn spent_at(conn: &mut Connection, exchange: &Exchange) -> Result<Option<Timestamp>, Error> {
    let spent: Option<Option<Stamp>> = refresh_tokens::table
        .find(exchange.spent.as_str())
        .filter(refresh_tokens::session_id.eq(exchange.session_id.get()))
        .select(refresh_tokens::spent_at)
        .first(conn)
        .await
        .optional()?;
    Ok(spent.flatten().map(|stamp| stamp.0))
}

/// Ends a live session of this user; whether there was one.
async fn end(conn: &mut Connection, id: SessionId, user_id: UserId, at: Timestamp) -> Result<bool, Error> {
    let ended = update(sessions::table.find(id.get()))
        .filter(sessions::user_id.eq(user_id.get()))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(Stamp(at)))
        .set(sessions::ended_at.eq(Stamp(at)))
        .execute(conn)
        .await?;
    Ok(ended == 1)
}

async fn revoke(conn: &mut Connection, exchange: &Exchange) -> Result<(), Error> {
    update(sessions::table.find(exchange.session_id.get()))
        .filter(sessions::ended_at.is_null())
        .set(sessions::ended_at.eq(Stamp(exchange.at)))
        .execute(conn)
        .await?;
    let subject = Revoked::Session(exchange.session_id);
    revocation::record(conn, &[Revocation { subject, until: exchange.block_until }]).await
}

// @spec SPEC-001
#[async_trait]
impl session::SessionRepository for SessionRepository {
    async fn open(&self, session: NewSession) -> Result<Option<Login>, RepositoryError> {
        self.database
            .write(async move |conn| {
                let id = session.user_id.get();
                // Two logins that shared the row until each has to change it would wait for each other.
                let lock = if session.renewed.is_some() { Lock::Password(id) } else { Lock::User(id) };
                dialect::lock(conn, lock).await?;
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
                let row = insert_into(sessions::table)
                    .values((
                        sessions::user_id.eq(user.id.get()),
                        sessions::created_at.eq(Stamp(session.created_at)),
                        sessions::last_used_at.eq(Stamp(session.created_at)),
                        sessions::expires_at.eq(Stamp(session.refresh.expires_at)),
                        sessions::ip.eq(session.client.ip),
                        sessions::user_agent.eq(session.client.user_agent),
                    ))
                    .returning(SessionRow::as_returning())
                    .get_result(conn)
                    .await?;
                grant(conn, row.id, &session.refresh).await?;
                Ok(Some(Login { session: row.entity(), user }))
            })
            .await
    }

    async fn exchange(&self, exchange: Exchange) -> Result<Exchanged, RepositoryError> {
        self.database
            .write(async move |conn| {
                let fresh = spend(conn, &exchange).await?;
                let renewable = fresh || {
                    match spent_at(conn, &exchange).await? {
                        None => return Ok(Exchanged::Refused),
                        Some(spent_at) => exchange.reusable_since.is_some_and(|since| spent_at >= since),
                    }
                };
                let login = if renewable { renew(conn, &exchange).await? } else { None };
                match login {
                    Some(login) => Ok(Exchanged::Renewed(login)),
                    // The session ended while its token was being spent.
                    None if fresh => Ok(Exchanged::Refused),
                    None => {
                        revoke(conn, &exchange).await?;
                        Ok(Exchanged::Reused { session_id: exchange.session_id })
                    }
                }
            })
            .await
    }

    async fn end(
        &self,
        id: SessionId,
        user_id: UserId,
        at: Timestamp,
        revocations: Vec<Revocation>,
    ) -> Result<bool, RepositoryError> {
        self.database
            .write(async move |conn| {
                let ended = end(conn, id, user_id, at).await?;
                revocation::record(conn, &revocations).await?;
                Ok(ended)
            })
            .await
    }

    async fn revoke(
        &self,
        id: SessionId,
        user_id: UserId,
        at: Timestamp,
        block_until: Timestamp,
    ) -> Result<bool, RepositoryError> {
        self.database
            .write(async move |conn| {
                let ended = end(conn, id, user_id, at).await?;
                if ended {
                    let entry = Revocation { subject: Revoked::Session(id), until: block_until };
                    revocation::record(conn, &[entry]).await?;
                }
                Ok(ended)
            })
            .await
    }

    async fn list(&self, user_id: UserId, now: Timestamp, page: PageRequest) -> Result<Page<Session>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let rows = sessions::table
                    .filter(sessions::user_id.eq(user_id.get()))
                    .filter(sessions::ended_at.is_null())
                    .filter(sessions::expires_at.gt(Stamp(now)))
                    .filter(sessions::id.lt(page.before_id()))
                    .order(sessions::id.desc())
                    .limit(page.fetch())
                    .select(SessionRow::as_select())
                    .load(conn)
                    .await?;
                let sessions = rows.into_iter().map(SessionRow::entity).collect();
                Ok(Page::from_fetched(sessions, &page, |session: &Session| session.id.get()))
            })
            .await
    }

    async fn delete_expired(&self, before: Timestamp) -> Result<u64, RepositoryError> {
        self.database
            .write(async move |conn| {
                let before = Stamp(before);
                // Two statements, as each has its index.
                let expired = delete(sessions::table.filter(sessions::expires_at.lt(before))).execute(conn).await?;
                let ended = delete(sessions::table.filter(sessions::ended_at.lt(before))).execute(conn).await?;
                // A live session leaves tokens behind too; past their expiry nobody asks whether they were spent.
                delete(refresh_tokens::table.filter(refresh_tokens::expires_at.lt(before))).execute(conn).await?;
                Ok((expired + ended) as u64)
            })
            .await
    }
}
