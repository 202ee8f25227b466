//! What handlers and middleware need to answer requests.

use crate::http::readiness::Readiness;
use fasttrack_app::UseCases;
use fasttrack_domain::ports::{audit::AuditLog, clock::Clock, token::TokenVerifier};
use std::sync::Arc;

/// The use cases, and what the middleware needs. An embedder with adapters of its own builds it by hand.
pub struct Api {
    pub use_cases: UseCases,
    /// Checks the access token of an open connection again.
    pub verifier: Arc<dyn TokenVerifier>,
    pub clock: Arc<dyn Clock>,
    /// Records refused requests.
    pub audit: Arc<dyn AuditLog>,
    /// The check that `/health/ready` reports.
    pub readiness: Readiness,
    /// The document of `/.well-known/jwks.json` (RFC 7517).
    pub jwks: serde_json::Value,
}
