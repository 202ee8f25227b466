//! Sessions: login, refresh, logout, and whom an access token belongs to.

mod authenticate;
pub mod limit_logins;
mod list_sessions;
mod login;
mod logout;
mod refresh;
mod revoke_session;

pub use authenticate::External;
pub use login::Login;
pub use logout::{Logout, LogoutExpired};
pub use refresh::Refresh;
pub use revoke_session::RevokeSession;

use crate::{AccountPolicy, Config, Ports};
use fasttrack_domain::{
    ports::{
        audit::AuditLog, clock::Clock, email_verification::EmailVerificationRepository, password::PasswordHasher,
        revocation::Blocklist, revocation::RevocationRepository, session::SessionRepository, token::TokenIssuer,
        token::TokenVerifier, user::UserRepository,
    },
    session,
    token::AccessGrant,
};
use std::{sync::Arc, time::Duration};

#[derive(Clone)]
pub struct Auth {
    pub audit: Arc<dyn AuditLog>,
    pub users: Arc<dyn UserRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub revocations: Arc<dyn RevocationRepository>,
    pub verifications: Arc<dyn EmailVerificationRepository>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub issuer: Arc<dyn TokenIssuer>,
    pub verifier: Arc<dyn TokenVerifier>,
    pub blocklist: Arc<dyn Blocklist>,
    pub clock: Arc<dyn Clock>,
    /// Absent where tokens of another issuer are refused.
    pub external: Option<External>,
    pub policy: AccountPolicy,
    /// A refresh token that was spent less than this ago may be exchanged again; zero for never.
    pub reuse_leeway: Duration,
    /// Maximum lifetime of a session, counted from its login.
    pub session_lifetime: Duration,
}

impl Auth {
    pub(crate) fn new(ports: &Ports, config: &Config) -> Self {
        Self {
            audit: ports.audit.clone(),
            users: ports.repositories.users.clone(),
            sessions: ports.repositories.sessions.clone(),
            revocations: ports.repositories.revocations.clone(),
            verifications: ports.repositories.verifications.clone(),
            hasher: ports.hasher.clone(),
            issuer: ports.issuer.clone(),
            verifier: ports.verifier.clone(),
            blocklist: ports.blocklist.clone(),
            clock: ports.clock.clone(),
            external: External::new(ports),
            policy: config.accounts,
            reuse_leeway: config.reuse_leeway,
            session_lifetime: config.session_lifetime,
        }
    }
}

fn access_grant(session::Login { session, user }: &session::Login) -> AccessGrant {
    AccessGrant {
        user_id: user.id,
        user_key: user.key,
        role: user.role,
        session_id: session.id,
        session_key: session.key,
        epoch: user.token_epoch,
    }
}

#[cfg(test)]
impl Auth {
    /// Returns mocks that expect no call. A test replaces those that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{
            audit::MockAuditLog, email_verification::MockEmailVerificationRepository, password::MockPasswordHasher,
            revocation::MockBlocklist, revocation::MockRevocationRepository, session::MockSessionRepository,
            token::MockTokenIssuer, token::MockTokenVerifier, user::MockUserRepository,
        };
        Self {
            audit: Arc::new(MockAuditLog::new()),
            users: Arc::new(MockUserRepository::new()),
            sessions: Arc::new(MockSessionRepository::new()),
            revocations: Arc::new(MockRevocationRepository::new()),
            verifications: Arc::new(MockEmailVerificationRepository::new()),
            hasher: Arc::new(MockPasswordHasher::new()),
            issuer: Arc::new(MockTokenIssuer::new()),
            verifier: Arc::new(MockTokenVerifier::new()),
            blocklist: Arc::new(MockBlocklist::new()),
            clock: crate::fixtures::clock(),
            external: None,
            policy: AccountPolicy::default(),
            reuse_leeway: Duration::ZERO,
            session_lifetime: Duration::ZERO,
        }
    }
}
