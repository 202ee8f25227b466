//! The audit log: who did what.

mod list;

pub use list::ListAudit;

use crate::Ports;
use fasttrack_domain::ports::{audit::AuditLog, audit::AuditRepository};
use std::sync::Arc;

#[derive(Clone)]
pub struct Audit {
    pub lines: Arc<dyn AuditRepository>,
    /// Has lines that are not written yet.
    pub log: Arc<dyn AuditLog>,
}

impl Audit {
    pub(crate) fn new(ports: &Ports) -> Self {
        Self { lines: ports.repositories.audit.clone(), log: ports.audit.clone() }
    }
}
