use crate::Timestamp;

// @norm NORM-ARCH-002
/// Reads the time. Use cases take it as a port, so that tests control the time.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Clock: Send + Sync {
    /// Returns the present time in whole microseconds, so that a stored time equals the loaded one.
    fn now(&self) -> Timestamp;
}
