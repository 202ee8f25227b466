//! What ends access tokens: a table that all nodes share, and its image in the memory of each.

use super::RepositoryError;
use crate::{
    Timestamp,
    token::{AccessClaims, Revocation},
};
use async_trait::async_trait;

/// The image in memory that every request asks.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Blocklist: Send + Sync {
    /// Refuses the tokens that `revocation` names from now on, and makes the node forget that it confirmed them. Call
    /// it once the revocation is committed.
    fn block(&self, revocation: &Revocation);
}

/// Some entries of the table, and where to go on reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RevocationBatch {
    /// In the order of their entry.
    pub revocations: Vec<Revocation>,
    /// What to give in next time.
    pub position: i64,
}

/// Reads and cleans the table. Most entries are made by the methods of other ports, with the change that causes them.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RevocationRepository: Send + Sync {
    /// Every entry behind `position` (0: all), committed by whichever process.
    async fn since(&self, position: i64) -> Result<RevocationBatch, RepositoryError>;

    /// Makes an entry that belongs to no other change.
    async fn create(&self, revocation: Revocation) -> Result<(), RepositoryError>;

    /// Whether the token is good by what is stored: its user is there, active, and of the token's epoch and key; its
    /// session is live at `now`, that user's, and of the token's key. Of a token without keys, user and session
    /// must not be younger than it. For a token of another issuer, which is of no session, no entry may name its id.
    /// One read, by indexes.
    async fn confirms(&self, claims: AccessClaims, now: Timestamp) -> Result<bool, RepositoryError>;

    /// Forgets entries whose `until` is before `now`. How many.
    async fn delete_expired(&self, now: Timestamp) -> Result<u64, RepositoryError>;
}
