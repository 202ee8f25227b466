//! The blocklist of access tokens: a table that all nodes share, and its image in the memory of each.

use super::RepositoryError;
use crate::{
    Timestamp,
    token::{AccessClaims, Revocation},
};
use async_trait::async_trait;

/// The image in memory that every request asks.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Blocklist: Send + Sync {
    /// Refuses the tokens that `revocation` names from now on. Call it once the revocation is committed.
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

    /// Whether an entry ends this token: by its id, its session, or an epoch of its user above its own. For a node
    /// whose image may be outdated.
    async fn blocks(&self, claims: AccessClaims) -> Result<bool, RepositoryError>;

    /// Forgets entries whose `until` is before `now`. How many.
    async fn delete_expired(&self, now: Timestamp) -> Result<u64, RepositoryError>;
}
