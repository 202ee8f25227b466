//! API tokens. A revoked one stays for a while, so that it is refused as revoked.

mod create;
pub(super) mod end;
mod find;
mod rows;

use super::super::run_query_dsl::RunQueryDsl;
use super::{Database, SqlTimestamp, audit, schema::api_tokens, token_uses};
use async_trait::async_trait;
use diesel::{ExpressionMethods, QueryDsl, SelectableHelper, delete};
use fasttrack_domain::{
    Timestamp,
    api_token::{ApiToken, NewApiToken},
    audit::{AuditEntry, AuditObject},
    id::{ApiTokenId, UserId},
    page::{Page, PageRequest},
    ports::{RepositoryError, api_token},
    revocation::Revocation,
    ticket::SecretHash,
    token::{AccessClaims, TokenError},
};
use rows::TokenRow;
use std::collections::BTreeMap;

/// Stores API tokens.
#[derive(Clone)]
pub struct ApiTokenRepository {
    database: Database,
}

impl ApiTokenRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

// @spec SPEC-024
#[async_trait]
impl api_token::ApiTokenRepository for ApiTokenRepository {
    async fn create(&self, token: NewApiToken) -> Result<ApiToken, RepositoryError> {
        self.database
            .write(async move |conn| {
                let created = create::create(conn, &token).await?;
                let entry = audit::insert(conn, token.audit, Some(AuditObject::ApiToken(created.id))).await?;
                Ok((created, entry))
            })
            .await
            .map(audit::log_committed)
    }

    async fn list(&self, user_id: Option<UserId>, page: PageRequest) -> Result<Page<ApiToken>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let mut query = api_tokens::table
                    .filter(api_tokens::revoked_at.is_null())
                    .filter(api_tokens::id.gt(page.after_id()))
                    .order(api_tokens::id)
                    .limit(page.fetch())
                    .select(TokenRow::as_select())
                    .into_boxed();
                if let Some(user) = user_id {
                    query = query.filter(api_tokens::user_id.eq(user.get()));
                }
                let rows: Vec<TokenRow> = query.load(conn).await?;
                let tokens = rows.into_iter().map(TokenRow::entity).collect::<Result<_, _>>()?;
                Ok(Page::from_fetched(tokens, &page, |token: &ApiToken| token.id.get()))
            })
            .await
    }

    async fn revoke(
        &self,
        id: ApiTokenId,
        user_id: Option<UserId>,
        at: Timestamp,
        audit: Option<AuditEntry>,
    ) -> Result<Option<Revocation>, RepositoryError> {
        self.database
            .write(async move |conn| end::revoke(conn, id, user_id, at, audit).await)
            .await
            .map(audit::log_committed)
    }

    async fn find(
        &self,
        hash: SecretHash,
        now: Timestamp,
    ) -> Result<Option<Result<AccessClaims, TokenError>>, RepositoryError> {
        self.database.read(async move |conn| find::find(conn, hash, now).await).await
    }

    async fn record_uses(&self, uses: Vec<(ApiTokenId, Timestamp)>) -> Result<(), RepositoryError> {
        let mut latest = BTreeMap::new();
        for (id, at) in uses {
            let known = latest.entry(id.get()).or_insert(SqlTimestamp(at));
            *known = SqlTimestamp(at).max(*known);
        }
        if latest.is_empty() {
            return Ok(());
        }
        self.database
            .write_statement(async move |conn| Ok(token_uses::record(conn, latest.into_iter().collect()).await?))
            .await
    }

    async fn delete_ended(&self, before: Timestamp) -> Result<u64, RepositoryError> {
        self.database
            .write(async move |conn| {
                let before = SqlTimestamp(before);
                // Two statements, as each uses an index of its own.
                let revoked = delete(api_tokens::table.filter(api_tokens::revoked_at.lt(before))).execute(conn).await?;
                let expired = delete(api_tokens::table.filter(api_tokens::expires_at.lt(before))).execute(conn).await?;
                Ok((revoked + expired) as u64)
            })
            .await
    }
}
