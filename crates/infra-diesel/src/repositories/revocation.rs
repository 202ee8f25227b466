//! The blocklist of access tokens.

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Connection, Database, Error, Lock, SqlTimestamp, dialect,
    schema::{api_tokens, revocations, sessions, users},
    secret_hash::secret_hash,
};
use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper, delete,
    dsl::{exists, not},
    insert_into,
};
use fasttrack_domain::{
    Timestamp,
    field::Invalid,
    id::{ApiTokenId, SessionId, UserId},
    key::InstanceKey,
    ports::{
        RepositoryError,
        revocation::{self, RevocationBatch},
    },
    revocation::{Revocation, Revoked, RevokingAct},
    token::{AccessClaims, TokenId, TokenSource},
};

/// Stores the blocklist of access tokens.
#[derive(Clone)]
pub struct RevocationRepository {
    database: Database,
}

impl RevocationRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = revocations)]
struct RevocationRow {
    id: i64,
    kind: String,
    subject: String,
    epoch: Option<i64>,
    until: SqlTimestamp,
}

impl RevocationRow {
    fn entity(self) -> Result<Revocation, Error> {
        let corrupt = Error::corrupt("revocations", self.id);
        let subject = match (self.kind.as_str(), self.epoch) {
            ("token", None) => Revoked::Token(TokenId::new(self.subject)),
            ("session", None) => Revoked::Session(self.subject.parse::<SessionId>().map_err(&corrupt)?),
            ("user", Some(epoch)) => Revoked::User { id: self.subject.parse::<UserId>().map_err(&corrupt)?, epoch },
            _ => return Err(corrupt(Invalid::new("invalid", "is of no known kind"))),
        };
        Ok(Revocation { subject, until: self.until.0 })
    }
}

/// Inserts `revocations` into the blocklist. The last statement of a transaction, as others that insert wait for its lock.
pub(super) async fn record(conn: &mut Connection, revocations: &[Revocation]) -> Result<(), Error> {
    if !revocations.is_empty() {
        // Readers continue behind the last id that they read: no lower one may be committed later.
        dialect::lock(conn, Lock::Revocations).await?;
    }
    for Revocation { subject, until } in revocations {
        let (kind, subject, epoch) = match subject {
            Revoked::Token(id) => ("token", id.as_str().to_owned(), None),
            Revoked::Session(id) => ("session", id.to_string(), None),
            Revoked::User { id, epoch } => ("user", id.to_string(), Some(*epoch)),
        };
        insert_into(revocations::table)
            .values((
                revocations::kind.eq(kind),
                revocations::subject.eq(subject),
                revocations::epoch.eq(epoch),
                revocations::until.eq(SqlTimestamp(*until)),
            ))
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Inserts sessions that `act` ended at `at` into the blocklist, by one statement.
pub(super) async fn record_sessions(
    conn: &mut Connection,
    ended: Vec<i64>,
    act: fn(SessionId) -> RevokingAct,
    at: Timestamp,
) -> Result<Vec<Revocation>, Error> {
    let revocations: Vec<_> = ended.iter().map(|id| act(SessionId::new(*id)).revocation(at)).collect();
    if let Some(first) = revocations.as_slice().first() {
        dialect::lock(conn, Lock::Revocations).await?;
        dialect::revoke_sessions(conn, &ended, SqlTimestamp(first.until)).await?;
    }
    Ok(revocations)
}

/// The key of a row, and when it was created.
type Instance = (Vec<u8>, SqlTimestamp);

/// Whether a token was issued for this row. After the restoration of a backup another row may get the id that the token
/// names: its key differs. For a token without a key, from a release before keys, the row must not be younger than it.
fn is_same_instance(row: Instance, key: Option<InstanceKey>, claims: &AccessClaims) -> bool {
    let (row_key, created_at) = row;
    match key {
        Some(key) => *row_key == *key.as_bytes(),
        None => created_at.0.timestamp() <= claims.issued_at.timestamp(),
    }
}

async fn confirms_session(
    conn: &mut Connection,
    claims: &AccessClaims,
    session: SessionId,
    now: Timestamp,
) -> Result<bool, Error> {
    let found: Option<(Instance, Instance)> = sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(session.get()))
        .filter(sessions::user_id.eq(claims.user_id.get()))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(SqlTimestamp(now)))
        .filter(users::is_active.eq(true))
        .filter(users::token_epoch.eq(claims.epoch))
        .select(((users::key, users::created_at), (sessions::key, sessions::created_at)))
        .first(conn)
        .await
        .optional()?;
    Ok(found.is_some_and(|(user, session)| {
        is_same_instance(user, claims.user_key, claims) && is_same_instance(session, claims.session_key, claims)
    }))
}

/// For a token of another issuer.
async fn confirms_external(conn: &mut Connection, claims: &AccessClaims) -> Result<bool, Error> {
    let revoked = revocations::table
        .filter(revocations::subject.eq(claims.token_id.as_str()))
        .filter(revocations::kind.eq("token"));
    let user: Option<Instance> = users::table
        .find(claims.user_id.get())
        .filter(users::is_active.eq(true))
        .filter(users::token_epoch.eq(claims.epoch))
        .filter(not(exists(revoked)))
        .select((users::key, users::created_at))
        .first(conn)
        .await
        .optional()?;
    Ok(user.is_some_and(|user| is_same_instance(user, claims.user_key, claims)))
}

async fn confirms_api_token(
    conn: &mut Connection,
    claims: &AccessClaims,
    id: ApiTokenId,
    now: Timestamp,
) -> Result<bool, Error> {
    let found: Option<(Vec<u8>, Option<SqlTimestamp>, Instance)> = api_tokens::table
        .inner_join(users::table)
        .filter(api_tokens::id.eq(id.get()))
        .filter(api_tokens::user_id.eq(claims.user_id.get()))
        .filter(api_tokens::revoked_at.is_null())
        .filter(users::is_active.eq(true))
        .filter(users::token_epoch.eq(claims.epoch))
        .select((api_tokens::hash, api_tokens::expires_at, (users::key, users::created_at)))
        .first(conn)
        .await
        .optional()?;
    let Some((hash, expires_at, user)) = found else { return Ok(false) };
    // After the restoration of a backup another token may get the id: its hash differs.
    let is_same = TokenId::of_api_token(&secret_hash("api_tokens", id.get(), &hash)?) == claims.token_id;
    let is_live = expires_at.is_none_or(|expires_at| expires_at.0 > now);
    Ok(is_same && is_live && is_same_instance(user, claims.user_key, claims))
}

#[async_trait]
impl revocation::RevocationRepository for RevocationRepository {
    async fn since(&self, position: i64) -> Result<RevocationBatch, RepositoryError> {
        self.database
            .read(async move |conn| {
                let rows = revocations::table
                    .filter(revocations::id.gt(position))
                    .order(revocations::id)
                    .select(RevocationRow::as_select())
                    .load(conn)
                    .await?;
                Ok(RevocationBatch {
                    position: rows.last().map_or(position, |row| row.id),
                    revocations: rows.into_iter().map(RevocationRow::entity).collect::<Result<_, _>>()?,
                })
            })
            .await
    }

    async fn create(&self, revocation: Revocation) -> Result<(), RepositoryError> {
        self.database.write(async move |conn| record(conn, &[revocation]).await).await
    }

    async fn confirms(&self, claims: AccessClaims, now: Timestamp) -> Result<bool, RepositoryError> {
        self.database
            .read(async move |conn| match &claims.source {
                TokenSource::Session(session) => confirms_session(conn, &claims, *session, now).await,
                TokenSource::External(_) => confirms_external(conn, &claims).await,
                TokenSource::Api(grant) => confirms_api_token(conn, &claims, grant.id, now).await,
            })
            .await
    }

    async fn delete_expired(&self, now: Timestamp) -> Result<u64, RepositoryError> {
        self.database
            .write(async move |conn| {
                let expired = revocations::table.filter(revocations::until.lt(SqlTimestamp(now)));
                Ok(delete(expired).execute(conn).await? as u64)
            })
            .await
    }
}
