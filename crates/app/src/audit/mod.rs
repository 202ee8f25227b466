//! The audit log: it records administrators' changes, logins and refused requests.

mod list;

pub use list::ListAudit;

use crate::Ports;
use fasttrack_domain::ports::{audit::AuditLog, audit::AuditRepository};
use std::sync::Arc;

#[derive(Clone)]
pub struct Audit {
    pub lines: Arc<dyn AuditRepository>,
    /// Queues the lines that are not written yet.
    pub log: Arc<dyn AuditLog>,
}

impl Audit {
    pub(crate) fn new(ports: &Ports) -> Self {
        Self { lines: ports.repositories.audit.clone(), log: ports.audit.clone() }
    }
}
