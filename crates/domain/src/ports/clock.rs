//! Time.

use crate::Timestamp;

// @norm NORM-ARCH-002
/// Tells the time. Given in, so that tests decide what time it is.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Clock: Send + Sync {
    /// Now, in whole microseconds: what storage gives back equals what was stored.
    fn now(&self) -> Timestamp;
}
