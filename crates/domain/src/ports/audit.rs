//! The audit: who did what.

use super::RepositoryError;
use crate::{
    Timestamp,
    audit::{AuditChanges, AuditEntry, AuditFilter, AuditRecord},
    id::AuditId,
    page::{Page, PageRequest},
};
use async_trait::async_trait;

/// Stores lines of the audit. What an administrator does is committed by the method that does it, with its line; the
/// others come here.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AuditRepository: Send + Sync {
    /// Writes these lines, in one transaction. Their ids, in their order.
    async fn append(&self, entries: Vec<AuditEntry>) -> Result<Vec<AuditId>, RepositoryError>;

    /// Writes other changes into lines that count, in one transaction. A line that is gone stays so.
    async fn recount(&self, counts: Vec<(AuditId, AuditChanges)>) -> Result<(), RepositoryError>;

    /// A page of lines, the newest first: by [`AuditRecord::at`], then by id. Its cursor is the id of its last line.
    /// Where that line is gone, so are all behind it. No more rows are looked at than the page has.
    async fn list(&self, filter: AuditFilter, page: PageRequest) -> Result<Page<AuditRecord>, RepositoryError>;

    /// Deletes lines from `until` or earlier, the oldest first. How many. Deletes no more than about `limit` at once:
    /// where as many went, there may be others.
    async fn delete_until(&self, until: Timestamp, limit: u32) -> Result<u64, RepositoryError>;
}

/// Takes lines that are written soon, together with others: of logins, logouts and refusals.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Logs the line and queues it. Never waits: where there are too many, a line is dropped and counted. Refusals of
    /// one address beyond a thousand an hour become one line that counts them.
    fn note(&self, entry: AuditEntry);

    /// Waits until what was noted here before is written, or can't be.
    async fn written(&self);
}
