//! Hints from those who write to those who wait, within this process.

use std::sync::Arc;
use tokio::sync::Notify;

/// Rung with `notify_one` after a commit: what comes while nobody waits is told to the next who does.
#[derive(Clone, Default)]
pub(crate) struct Hints {
    /// There are events to dispatch.
    pub(crate) events: Arc<Notify>,
    /// There are jobs to do.
    pub(crate) jobs: Arc<Notify>,
}
