//! Whether storage can be used.

use super::RepositoryError;
use async_trait::async_trait;

/// Tells whether requests can be served.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait HealthCheck: Send + Sync {
    /// Compares the schema of storage with the one this program was built for, and writes to storage.
    async fn check(&self) -> Result<(), RepositoryError>;

    /// Whether a write has failed within the last seconds because there was no space for it. Looks nothing up.
    fn is_out_of_space(&self) -> bool;
}
