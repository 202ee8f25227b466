//! Periodic maintenance: deletes expired rows, and measures the backlog.

mod backlog;
mod sweep;

pub use backlog::{Backlog, COUNTED};
pub use sweep::Swept;

use crate::{Config, Ports, Retention};
use fasttrack_domain::ports::{
    api_token::ApiTokenRepository, audit::AuditRepository, change::ChangeFeed, clock::Clock,
    email_verification::EmailVerificationRepository, idempotency::IdempotencyRepository,
    invitation::InvitationRepository, job::JobQueue, notice::NoticeRepository, notification::NotificationRepository,
    outbox::Outbox, password_reset::PasswordResetRepository, rate_limit::LoginAttempts,
    revocation::RevocationRepository, session::SessionRepository, ticket::TicketRepository, webhook::WebhookRepository,
};
use std::sync::Arc;

#[derive(Clone)]
pub struct Maintenance {
    pub revocations: Arc<dyn RevocationRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub api_tokens: Arc<dyn ApiTokenRepository>,
    pub idempotency: Arc<dyn IdempotencyRepository>,
    pub tickets: Arc<dyn TicketRepository>,
    pub resets: Arc<dyn PasswordResetRepository>,
    pub verifications: Arc<dyn EmailVerificationRepository>,
    pub invitations: Arc<dyn InvitationRepository>,
    pub login_attempts: Arc<dyn LoginAttempts>,
    pub notifications: Arc<dyn NotificationRepository>,
    pub outbox: Arc<dyn Outbox>,
    pub jobs: Arc<dyn JobQueue>,
    pub notices: Arc<dyn NoticeRepository>,
    pub audit: Arc<dyn AuditRepository>,
    pub webhooks: Arc<dyn WebhookRepository>,
    pub changes: Arc<dyn ChangeFeed>,
    pub clock: Arc<dyn Clock>,
    pub retention: Retention,
}

impl Maintenance {
    pub(crate) fn new(ports: &Ports, config: &Config) -> Self {
        Self {
            revocations: ports.repositories.revocations.clone(),
            sessions: ports.repositories.sessions.clone(),
            api_tokens: ports.repositories.api_tokens.clone(),
            idempotency: ports.repositories.idempotency.clone(),
            tickets: ports.repositories.tickets.clone(),
            resets: ports.repositories.resets.clone(),
            verifications: ports.repositories.verifications.clone(),
            invitations: ports.repositories.invitations.clone(),
            login_attempts: ports.repositories.login_attempts.clone(),
            notifications: ports.repositories.notifications.clone(),
            outbox: ports.repositories.outbox.clone(),
            jobs: ports.repositories.jobs.clone(),
            notices: ports.repositories.notices.clone(),
            audit: ports.repositories.audit.clone(),
            webhooks: ports.repositories.webhooks.clone(),
            changes: ports.repositories.changes.clone(),
            clock: ports.clock.clone(),
            retention: config.retention,
        }
    }
}

#[cfg(test)]
impl Maintenance {
    /// Returns mocks that expect no call. A test replaces those that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{
            api_token::MockApiTokenRepository, audit::MockAuditRepository, change::MockChangeFeed,
            email_verification::MockEmailVerificationRepository, idempotency::MockIdempotencyRepository,
            invitation::MockInvitationRepository, job::MockJobQueue, notice::MockNoticeRepository,
            notification::MockNotificationRepository, outbox::MockOutbox, password_reset::MockPasswordResetRepository,
            rate_limit::MockLoginAttempts, revocation::MockRevocationRepository, session::MockSessionRepository,
            ticket::MockTicketRepository, webhook::MockWebhookRepository,
        };
        Self {
            revocations: Arc::new(MockRevocationRepository::new()),
            sessions: Arc::new(MockSessionRepository::new()),
            api_tokens: Arc::new(MockApiTokenRepository::new()),
            idempotency: Arc::new(MockIdempotencyRepository::new()),
            tickets: Arc::new(MockTicketRepository::new()),
            resets: Arc::new(MockPasswordResetRepository::new()),
            verifications: Arc::new(MockEmailVerificationRepository::new()),
            invitations: Arc::new(MockInvitationRepository::new()),
            login_attempts: Arc::new(MockLoginAttempts::new()),
            notifications: Arc::new(MockNotificationRepository::new()),
            outbox: Arc::new(MockOutbox::new()),
            jobs: Arc::new(MockJobQueue::new()),
            notices: Arc::new(MockNoticeRepository::new()),
            audit: Arc::new(MockAuditRepository::new()),
            webhooks: Arc::new(MockWebhookRepository::new()),
            changes: Arc::new(MockChangeFeed::new()),
            clock: crate::fixtures::clock(),
            retention: Retention::default(),
        }
    }
}
