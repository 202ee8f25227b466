//! Graceful shutdown: the time between the signal to stop and the last response.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

// @spec SPEC-012
/// Shared flag: set once the server has begun to shut down. From then on readiness fails, and every response closes its
/// connection.
#[derive(Clone, Debug, Default)]
pub struct ShutdownFlag(Arc<AtomicBool>);

impl ShutdownFlag {
    /// Sets the flag. It is never cleared.
    pub fn set(&self) {
        self.0.store(true, Relaxed);
    }

    pub fn is_set(&self) -> bool {
        self.0.load(Relaxed)
    }
}
