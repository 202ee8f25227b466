//! Remembers that the disk was full.

use crate::Error;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long after a write failed for lack of space the disk counts as full.
const VALIDITY: Duration = Duration::from_secs(5);

/// When a write last failed for lack of space. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Space(Arc<Mutex<Option<Instant>>>);

impl Space {
    /// Remembers the error if it was for lack of space.
    pub(crate) fn note(&self, error: &Error) {
        if error.is_out_of_space() {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
    }

    /// Whether a write failed for lack of space within the last seconds.
    pub(crate) fn is_lacking(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|failed| failed.elapsed() < VALIDITY)
    }
}
