//! Whether storage can be used.

use super::RepositoryError;
use async_trait::async_trait;

/// Tells whether requests can be served.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait HealthCheck: Send + Sync {
    /// Reads from storage, and compares its schema with the one this program was built for.
    async fn check(&self) -> Result<(), RepositoryError>;
}
