//! The ports that the use cases need.

use fasttrack_domain::ports::{
    Repositories,
    audit::AuditLog,
    clock::Clock,
    identity::ExternalVerifier,
    mail::Mailer,
    notification_bus::NotificationBus,
    password::PasswordHasher,
    revocation::Blocklist,
    secret::SecretSource,
    token::{ApiTokenVerifier, TokenIssuer, TokenVerifier},
    webhook::{DeliveryEncoder, EndpointPolicy, WebhookTransport},
};
use std::sync::Arc;

/// Everything that the use cases need from adapters.
#[derive(Clone)]
pub struct Ports {
    pub repositories: Repositories,
    /// Repositories for requests that no rate limit has counted yet: tickets, and accounts of another issuer's users.
    /// With adapters that limit such requests to a part of their connections, the other requests always get one. May be
    /// the same as `repositories`.
    pub uncounted: Repositories,
    pub hasher: Arc<dyn PasswordHasher>,
    pub issuer: Arc<dyn TokenIssuer>,
    pub verifier: Arc<dyn TokenVerifier>,
    pub api_tokens: Arc<dyn ApiTokenVerifier>,
    /// Absent where tokens of another issuer are refused.
    pub external: Option<Arc<dyn ExternalVerifier>>,
    pub secrets: Arc<dyn SecretSource>,
    pub blocklist: Arc<dyn Blocklist>,
    pub bus: Arc<dyn NotificationBus>,
    pub audit: Arc<dyn AuditLog>,
    pub mailer: Arc<dyn Mailer>,
    pub webhook_transport: Arc<dyn WebhookTransport>,
    pub endpoint_policy: Arc<dyn EndpointPolicy>,
    pub delivery_encoder: Arc<dyn DeliveryEncoder>,
    pub clock: Arc<dyn Clock>,
}
