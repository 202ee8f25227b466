//! Storage of idempotency records.

use super::RepositoryError;
use crate::{
    Timestamp,
    id::UserId,
    idempotency::{IdempotencyKey, IdempotencyRecord},
};
use async_trait::async_trait;

/// Reads and deletes idempotency records. The methods of other ports create them in the transaction of the request: see
/// [`ports`](super).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait IdempotencyRepository: Send + Sync {
    /// Returns the user's record with `key`, if it hasn't expired at `now`. The created entity is returned as it was
    /// then, also if it has been changed or deleted since.
    async fn find(
        &self,
        user: UserId,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, RepositoryError>;

    /// Deletes records that have expired at `now`, and returns their number. Each call deletes no more than about
    /// `limit`: if as many were deleted, there may be others.
    async fn delete_expired(&self, now: Timestamp, limit: u32) -> Result<u64, RepositoryError>;
}
