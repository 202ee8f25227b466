//! Revocation of access tokens: a table that all nodes share, and each node's copy in memory.

use super::RepositoryError;
use crate::{Timestamp, revocation::Revocation, token::AccessClaims};
use async_trait::async_trait;

/// The in-memory blocklist that every request is checked against.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Blocklist: Send + Sync {
    /// Refuses the revoked tokens from now on, also those that this node has verified before. It must be called after
    /// the revocation was committed. Calls may be repeated and come in any order: of a user, the newest epoch applies.
    fn block(&self, revocation: &Revocation);
}

/// A batch of entries, and the position to read on from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RevocationBatch {
    /// The entries in the order in which they were stored.
    pub revocations: Vec<Revocation>,
    /// Pass it to the next call of [`since`](RevocationRepository::since).
    pub position: i64,
}

/// Reads and deletes revocations. Most are created by the methods of other ports, with the change that causes them.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RevocationRepository: Send + Sync {
    /// Returns every entry after `position` (0 for all), committed by any process.
    async fn since(&self, position: i64) -> Result<RevocationBatch, RepositoryError>;

    /// Stores a revocation that belongs to no other change.
    async fn create(&self, revocation: Revocation) -> Result<(), RepositoryError>;

    /// Whether a token is valid by the stored data:
    ///
    /// - Its user exists, is active, and has the token's epoch and key.
    /// - Its session is live at `now`, belongs to that user and has the token's key.
    /// - User and session of a token without keys are not younger than the token.
    /// - No entry names the id of another issuer's token, which has no session.
    /// - An API token is stored with its id, hash and user, is not revoked, and has not expired at `now`.
    ///
    /// This is one query by indexes.
    async fn confirms(&self, claims: AccessClaims, now: Timestamp) -> Result<bool, RepositoryError>;

    /// Deletes entries whose `until` is before `now`, and returns their number.
    async fn delete_expired(&self, now: Timestamp) -> Result<u64, RepositoryError>;
}
