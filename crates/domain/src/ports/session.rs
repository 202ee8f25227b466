//! Storage of sessions and their refresh tokens.

use super::RepositoryError;
use crate::{
    Timestamp,
    id::{SessionId, UserId},
    page::{Page, PageRequest},
    session::{Exchange, Exchanged, Login, NewSession, Session},
    token::Revocation,
};
use async_trait::async_trait;

/// Stores sessions. See the promises of [`ports`](super).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// Begins a session with its first refresh token. `Ok(None)` where the user is not active (any more), or has
    /// another password than it was proven by.
    async fn open(&self, session: NewSession) -> Result<Option<Login>, RepositoryError>;

    /// Exchanges a refresh token. Of any number of simultaneous calls with one token exactly one is `Renewed`; the
    /// others find it spent, and revoke the session and put it on the blocklist, unless the token was spent at
    /// `reusable_since` or later.
    async fn exchange(&self, exchange: Exchange) -> Result<Exchanged, RepositoryError>;

    /// Ends a session of this user, so that its refresh tokens are refused, and puts `revocations` on the blocklist.
    /// `Ok(false)` where the user has no such live session; the blocklist has the entries then too.
    async fn end(
        &self,
        id: SessionId,
        user_id: UserId,
        at: Timestamp,
        revocations: Vec<Revocation>,
    ) -> Result<bool, RepositoryError>;

    /// Ends a live session of this user with an entry on the blocklist until `block_until`. `Ok(false)`, and no entry,
    /// where the user has no such session.
    async fn revoke(
        &self,
        id: SessionId,
        user_id: UserId,
        at: Timestamp,
        block_until: Timestamp,
    ) -> Result<bool, RepositoryError>;

    /// A page of the user's sessions that are live at `now`, the newest first.
    async fn list(&self, user_id: UserId, now: Timestamp, page: PageRequest) -> Result<Page<Session>, RepositoryError>;

    /// Forgets sessions that expired or ended before `before`, with their refresh tokens. How many.
    async fn delete_expired(&self, before: Timestamp) -> Result<u64, RepositoryError>;
}
