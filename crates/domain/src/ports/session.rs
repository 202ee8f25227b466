//! Storage of sessions and their refresh tokens.

use super::RepositoryError;
use crate::{
    Timestamp,
    id::{SessionId, UserId},
    page::{Page, PageRequest},
    revocation::Revocation,
    session::{Exchange, Exchanged, NewSession, Opened, Session},
    token::RefreshClaims,
};
use async_trait::async_trait;

/// Stores sessions. See the promises of [`ports`](super).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// Opens a session with its first refresh token. `Ok(None)` if the user is not active, or has another password hash
    /// than `proven_by`. If the user then has more than [`MAX_SESSIONS`](crate::session::MAX_SESSIONS) live sessions,
    /// the oldest ones end, with blocklist entries.
    async fn open(&self, session: NewSession) -> Result<Option<Opened>, RepositoryError>;

    /// Rotates a refresh token.
    ///
    /// - Of concurrent calls with one token exactly one is `Renewed`. The others detect the reuse, revoke the session
    ///   and put it on the blocklist, unless the token was spent at `reusable_since` or later.
    /// - The next token expires at [`Exchange::expires_at`].
    /// - The call is `Refused` if the session has reached its end or has another key than the token.
    async fn exchange(&self, exchange: Exchange) -> Result<Exchanged, RepositoryError>;

    /// Whether [`exchange`](Self::exchange) would accept this refresh token at `now` as unspent.
    async fn accepts(&self, refresh: RefreshClaims, now: Timestamp) -> Result<bool, RepositoryError>;

    /// Ends those of the user's sessions that are live, so that their refresh tokens are refused, and puts them on the
    /// blocklist. Returns the new blocklist entries.
    async fn end(
        &self,
        ids: Vec<SessionId>,
        user_id: UserId,
        at: Timestamp,
    ) -> Result<Vec<Revocation>, RepositoryError>;

    /// Returns a page of the user's sessions that are live at `now`, the newest first.
    async fn list(&self, user_id: UserId, now: Timestamp, page: PageRequest) -> Result<Page<Session>, RepositoryError>;

    /// Deletes sessions that expired or ended before `before`, with their refresh tokens, and returns their number.
    async fn delete_expired(&self, before: Timestamp) -> Result<u64, RepositoryError>;
}
