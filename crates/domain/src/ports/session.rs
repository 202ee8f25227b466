//! Storage of sessions and their refresh tokens.

use super::RepositoryError;
use crate::{
    Timestamp,
    id::{SessionId, UserId},
    page::{Page, PageRequest},
    session::{Exchange, Exchanged, NewSession, Opened, Session},
    token::{RefreshClaims, Revocation},
};
use async_trait::async_trait;

/// Stores sessions. See the promises of [`ports`](super).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// Begins a session with its first refresh token. `Ok(None)` where the user is not active (any more), or has
    /// another password than it was proven by. Of the user's live sessions the oldest ones beyond
    /// [`MAX_SESSIONS`](crate::session::MAX_SESSIONS) end, with entries on the blocklist.
    async fn open(&self, session: NewSession) -> Result<Option<Opened>, RepositoryError>;

    /// Exchanges a refresh token. Of any number of simultaneous calls with one token exactly one is `Renewed`; the
    /// others find it spent, and revoke the session and put it on the blocklist, unless the token was spent at
    /// `reusable_since` or later. The next token expires when [`Exchange::expires_at`] says; a session that has reached
    /// its end, or has another key than the token, is `Refused`.
    async fn exchange(&self, exchange: Exchange) -> Result<Exchanged, RepositoryError>;

    /// Whether [`exchange`](Self::exchange) would take this refresh token at `now` as one that was never spent.
    async fn accepts(&self, refresh: RefreshClaims, now: Timestamp) -> Result<bool, RepositoryError>;

    /// Ends these sessions of the user, as far as they live, so that their refresh tokens are refused, and puts those
    /// that it ended on the blocklist. The entries that were made.
    async fn end(
        &self,
        ids: Vec<SessionId>,
        user_id: UserId,
        at: Timestamp,
    ) -> Result<Vec<Revocation>, RepositoryError>;

    /// A page of the user's sessions that are live at `now`, the newest first.
    async fn list(&self, user_id: UserId, now: Timestamp, page: PageRequest) -> Result<Page<Session>, RepositoryError>;

    /// Forgets sessions that expired or ended before `before`, with their refresh tokens. How many.
    async fn delete_expired(&self, before: Timestamp) -> Result<u64, RepositoryError>;
}
