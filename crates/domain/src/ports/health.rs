//! Readiness of storage.

use super::RepositoryError;
use async_trait::async_trait;

/// Checks whether storage can serve requests.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait HealthCheck: Send + Sync {
    /// Compares the schema with the one that this program was built for, and writes to storage.
    async fn check(&self) -> Result<(), RepositoryError>;

    /// Whether a write has failed within the last seconds for lack of disk space. Performs no I/O.
    fn is_out_of_space(&self) -> bool;
}
