//! The blocklist of access tokens.

use super::{Connection, Database, Error, Lock, Stamp, dialect, schema::revocations};
use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, Queryable, Selectable, SelectableHelper, delete, insert_into,
};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{
    Timestamp,
    field::Invalid,
    id::{SessionId, UserId},
    ports::{
        RepositoryError,
        revocation::{self, RevocationBatch},
    },
    token::{AccessClaims, Revocation, Revoked, TokenId},
};

/// Reads and cleans the blocklist.
#[derive(Clone)]
pub struct RevocationRepository {
    database: Database,
}

impl RevocationRepository {
    /// In this database.
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
    until: Stamp,
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

/// Puts `revocations` on the blocklist. The last thing that a transaction does: it holds up others that do the same.
pub(super) async fn record(conn: &mut Connection, revocations: &[Revocation]) -> Result<(), Error> {
    if !revocations.is_empty() {
        // Readers go on behind the last id they saw: no lower one may be committed later.
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
                revocations::until.eq(Stamp(*until)),
            ))
            .execute(conn)
            .await?;
    }
    Ok(())
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

    async fn blocks(&self, claims: AccessClaims) -> Result<bool, RepositoryError> {
        self.database
            .read(async move |conn| {
                let of = |kind: &'static str, subject: String| {
                    revocations::kind.eq(kind).and(revocations::subject.eq(subject))
                };
                // A token of another issuer is of no session of ours: nothing has the empty id.
                let session = claims.session_id().map(|id| id.to_string()).unwrap_or_default();
                let ending = revocations::table.filter(
                    of("token", claims.token_id.as_str().to_owned()).or(of("session", session)).or(of(
                        "user",
                        claims.user_id.to_string(),
                    )
                    .and(revocations::epoch.gt(claims.epoch))),
                );
                // Of a condition on a nullable column SQL itself knows three answers; a count has none of that.
                let entries: i64 = ending.count().get_result(conn).await?;
                Ok(entries > 0)
            })
            .await
    }

    async fn delete_expired(&self, now: Timestamp) -> Result<u64, RepositoryError> {
        self.database
            .write(async move |conn| {
                let expired = revocations::table.filter(revocations::until.lt(Stamp(now)));
                Ok(delete(expired).execute(conn).await? as u64)
            })
            .await
    }
}
