//! Records of requests with an idempotency key.

use super::super::run_query_dsl::RunQueryDsl;
use super::{Connection, Database, Error, SqlTimestamp, delete_batch::delete_batch, schema::idempotency_records};
use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper, insert_into,
    query_dsl::methods::FilterDsl, upsert::excluded,
};
use fasttrack_domain::{
    Timestamp,
    field::Invalid,
    id::UserId,
    idempotency::{Created, Idempotency, IdempotencyKey, IdempotencyRecord},
    ports::{RepositoryError, constraint, idempotency},
};

/// Stores the records.
#[derive(Clone)]
pub struct IdempotencyRepository {
    database: Database,
}

impl IdempotencyRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_records)]
struct IdempotencyRow {
    user_id: i64,
    fingerprint: Vec<u8>,
    created: String,
}

impl IdempotencyRow {
    fn entity(self) -> Result<IdempotencyRecord, Error> {
        let corrupt = |what: String| Error::corrupt("idempotency_records", self.user_id)(Invalid::new("invalid", what));
        Ok(IdempotencyRecord {
            fingerprint: self.fingerprint.try_into().map_err(|_| corrupt("no fingerprint".to_owned()))?,
            created: serde_json::from_str(&self.created).map_err(|error| corrupt(error.to_string()))?,
        })
    }
}

/// Records that the request created this. Of simultaneous transactions with the same key, the later waits for the earlier,
/// and fails where that is committed.
pub(super) async fn record(
    conn: &mut Connection,
    idempotency: Option<&Idempotency>,
    created: impl FnOnce() -> Created,
) -> Result<(), Error> {
    let Some(idempotency) = idempotency else { return Ok(()) };
    let statement = insert_into(idempotency_records::table)
        .values((
            idempotency_records::user_id.eq(idempotency.user_id.get()),
            idempotency_records::key.eq(idempotency.request.key.as_str()),
            idempotency_records::fingerprint.eq(&idempotency.request.fingerprint[..]),
            idempotency_records::created.eq(serde_json::to_string(&created())?),
            idempotency_records::expires_at.eq(SqlTimestamp(idempotency.expires_at())),
        ))
        .on_conflict((idempotency_records::user_id, idempotency_records::key))
        .do_update()
        .set((
            idempotency_records::fingerprint.eq(excluded(idempotency_records::fingerprint)),
            idempotency_records::created.eq(excluded(idempotency_records::created)),
            idempotency_records::expires_at.eq(excluded(idempotency_records::expires_at)),
        ));
    let expired = idempotency_records::expires_at.le(SqlTimestamp(idempotency.at));
    match FilterDsl::filter(statement, expired).execute(conn).await? {
        0 => Err(Error::Conflict(constraint::IDEMPOTENCY_KEY)),
        _ => Ok(()),
    }
}

// @spec SPEC-010
#[async_trait]
impl idempotency::IdempotencyRepository for IdempotencyRepository {
    async fn find(
        &self,
        user: UserId,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, RepositoryError> {
        let key = key.as_str().to_owned();
        self.database
            .read(async move |conn| {
                let row = QueryDsl::filter(
                    idempotency_records::table.find((user.get(), key)),
                    idempotency_records::expires_at.gt(SqlTimestamp(now)),
                )
                .select(IdempotencyRow::as_select())
                .first(conn)
                .await
                .optional()?;
                row.map(IdempotencyRow::entity).transpose()
            })
            .await
    }

    async fn delete_expired(&self, now: Timestamp, limit: u32) -> Result<u64, RepositoryError> {
        self.database
            .write(async move |conn| Ok(delete_batch!(conn, idempotency_records, expires_at, now, limit)))
            .await
    }
}
