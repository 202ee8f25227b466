//! The audit log: who did what.

mod list;

pub use list::ListAudit;

use fasttrack_domain::ports::{audit::AuditLog, audit::AuditRepository};
use std::sync::Arc;

/// The audit log.
#[derive(Clone)]
pub struct Audit {
    pub lines: Arc<dyn AuditRepository>,
    /// Has lines that are not written yet.
    pub log: Arc<dyn AuditLog>,
}
