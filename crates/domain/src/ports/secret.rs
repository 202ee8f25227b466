//! Secrets that are drawn at random.

use crate::ticket::{DrawnSecret, SecretHash};

/// Draws secrets, and finds again what is kept of one.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait SecretSource: Send + Sync {
    /// 256 bits from a cryptographic generator.
    fn draw(&self) -> DrawnSecret;

    /// The hash of a text that somebody gave in as a secret.
    fn hash(&self, given: &str) -> SecretHash;
}
