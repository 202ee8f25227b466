//! Whether there is space to write.

use crate::Error;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long a write that failed for lack of space says something about the next one.
const MEMORY: Duration = Duration::from_secs(5);

/// When a write last failed for lack of space. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Space(Arc<Mutex<Option<Instant>>>);

impl Space {
    /// Takes note of an error, if it is one of this kind.
    pub(crate) fn note(&self, error: &Error) {
        if error.is_out_of_space() {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
    }

    /// Whether a write has failed within the last seconds.
    pub(crate) fn is_lacking(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|failed| failed.elapsed() < MEMORY)
    }
}
