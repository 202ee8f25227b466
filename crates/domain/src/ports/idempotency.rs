//! Storage of the requests that were done under an idempotency key.

use super::RepositoryError;
use crate::{
    Timestamp,
    id::UserId,
    idempotency::{IdempotencyKey, IdempotencyRecord},
};
use async_trait::async_trait;

/// Reads and cleans the records. They are made by the methods of other ports, with what the request creates: see
/// [`ports`](super).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait IdempotencyRepository: Send + Sync {
    /// This user's request with `key`, if it was done and hasn't expired at `now`. What it created is told as it was
    /// then, also when it has been changed or deleted since.
    async fn find(
        &self,
        user: UserId,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, RepositoryError>;

    /// Forgets the requests that have expired at `now`. How many.
    /// Deletes no more than about `limit` at once: where as many went, there may be others.
    async fn delete_expired(&self, now: Timestamp, limit: u32) -> Result<u64, RepositoryError>;
}
