//! Storage of the audit log, and the queue in front of it.

use super::RepositoryError;
use crate::{
    Timestamp,
    audit::{AuditChanges, AuditEntry, AuditFilter, AuditRecord},
    id::AuditId,
    page::{Page, PageRequest},
};
use async_trait::async_trait;

/// Stores audit entries. The entry of an administrator's change is committed by the method that makes the change; all
/// other entries are stored by this port.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AuditRepository: Send + Sync {
    /// Stores the entries in one transaction. Returns their ids in the same order.
    async fn append(&self, entries: Vec<AuditEntry>) -> Result<Vec<AuditId>, RepositoryError>;

    /// Replaces the changes of entries that count refusals, in one transaction. A deleted entry is not restored.
    async fn recount(&self, counts: Vec<(AuditId, AuditChanges)>) -> Result<(), RepositoryError>;

    /// Returns a page of entries, the newest first: by [`AuditRecord::at`], then by id. The cursor is the id of the last
    /// entry; if that entry was deleted, all older ones were too. The query reads no more rows than the page has.
    async fn list(&self, filter: AuditFilter, page: PageRequest) -> Result<Page<AuditRecord>, RepositoryError>;

    /// Deletes entries from `until` or earlier, the oldest first, and returns their number. Each call deletes no more
    /// than about `limit`: if as many were deleted, there may be others.
    async fn delete_until(&self, until: Timestamp, limit: u32) -> Result<u64, RepositoryError>;
}

/// Queues entries of logins, logouts and refused requests, and stores them in batches.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Logs the entry and queues it without waiting. An entry that finds the queue full is dropped and counted.
    /// Refusals of one address beyond a thousand in an hour become one entry of
    /// [`RefusalsCounted`](crate::audit::AuditAction::RefusalsCounted), whose changes have their number.
    fn record(&self, entry: AuditEntry);

    /// Waits until every entry that was queued before is stored, in the order of the calls, or storing it has failed.
    async fn flush(&self);
}
