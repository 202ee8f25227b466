//! Storage of API tokens.

use super::RepositoryError;
use crate::{
    Timestamp,
    api_token::{ApiToken, NewApiToken},
    audit::AuditEntry,
    id::{ApiTokenId, UserId},
    page::{Page, PageRequest},
    revocation::Revocation,
    ticket::SecretHash,
    token::{AccessClaims, TokenError},
};
use async_trait::async_trait;

/// Stores API tokens by the hashes of their texts. See the promises of [`ports`](super).
///
/// A token ends when it is revoked, when it expires, and with the acts on its user that
/// [end all sessions](crate::revocation::RevokingAct::ends_all_sessions), in the commit of the act. Only deactivation
/// lets it live on: the token is refused until the user is active again.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ApiTokenRepository: Send + Sync {
    /// Creates a token. The audit entry gets its [object](crate::audit::AuditObject::ApiToken).
    ///
    /// - `Conflict` with [`constraint::REFERENCE`](super::constraint::REFERENCE) if the user doesn't exist, is not
    ///   active, or has another epoch than [`NewApiToken::epoch`]. An erased user doesn't exist.
    /// - `Conflict` with [`constraint::QUOTA`](super::constraint::QUOTA) if the user has [`NewApiToken::quota`] tokens
    ///   that are neither revoked nor expired at [`NewApiToken::created_at`]. Concurrent calls can't exceed it.
    async fn create(&self, token: NewApiToken) -> Result<ApiToken, RepositoryError>;

    /// Returns a page of the tokens of this user, or of all users without one, that are not revoked: expired ones, too.
    /// This is one query by an index.
    async fn list(&self, user_id: Option<UserId>, page: PageRequest) -> Result<Page<ApiToken>, RepositoryError>;

    /// Revokes a token of this user, or of any user without one: stores
    /// [`ApiTokenRevoked`](crate::revocation::RevokingAct::ApiTokenRevoked) on the blocklist, commits the audit entry,
    /// and returns the blocklist entry. `Ok(None)` if there is no such token, or it was revoked before.
    async fn revoke(
        &self,
        id: ApiTokenId,
        user_id: Option<UserId>,
        at: Timestamp,
        audit: Option<AuditEntry>,
    ) -> Result<Option<Revocation>, RepositoryError>;

    /// Returns the [claims](ApiToken::claims) of the token with this hash, with its user's present role, epoch and key.
    ///
    /// - `Ok(None)` if there is none.
    /// - [`TokenError::Revoked`] if it was revoked, or its user is erased or not active.
    /// - [`TokenError::Expired`] if it is not revoked and expired at `now` or before.
    ///
    /// This is one query by indexes.
    async fn find(
        &self,
        hash: SecretHash,
        now: Timestamp,
    ) -> Result<Option<Result<AccessClaims, TokenError>>, RepositoryError>;

    /// Stores these uses, each where it is later than the stored one. Unknown ids are ignored.
    async fn record_uses(&self, uses: Vec<(ApiTokenId, Timestamp)>) -> Result<(), RepositoryError>;

    /// Deletes tokens that were revoked or expired before `before`, and returns their number.
    async fn delete_ended(&self, before: Timestamp) -> Result<u64, RepositoryError>;
}
