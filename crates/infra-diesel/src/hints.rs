//! Wakes the tasks of this process that wait for new rows.

use std::sync::Arc;
use tokio::sync::Notify;

/// Notified with `notify_one` after a commit, which is stored until a task waits.
#[derive(Clone, Default)]
pub(crate) struct Hints {
    /// Wakes the dispatcher: there are events.
    pub(crate) events: Arc<Notify>,
    /// Wakes a worker: there are jobs.
    pub(crate) jobs: Arc<Notify>,
    /// Wakes the sender of webhooks: there are deliveries.
    pub(crate) webhooks: Arc<Notify>,
}
