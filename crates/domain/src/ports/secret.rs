//! Random secrets.

use crate::ticket::{DrawnSecret, SecretHash};

/// Generates random secrets, and hashes them for storage and lookup.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait SecretSource: Send + Sync {
    /// Generates 256 random bits from a cryptographic generator.
    fn draw(&self) -> DrawnSecret;

    /// Hashes a secret that a client sent.
    fn hash(&self, given: &str) -> SecretHash;
}
