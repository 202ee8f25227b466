//! Every port that a database implements.

use super::{
    audit::AuditRepository, comment::CommentRepository, email_verification::EmailVerificationRepository,
    health::HealthCheck, idempotency::IdempotencyRepository, identity::IdentityRepository, job::JobQueue,
    notice::NoticeRepository, notification::NotificationRepository, outbox::Outbox, password::PasswordCosts,
    password_reset::PasswordResetRepository, project::ProjectRepository, rate_limit::LoginAttempts,
    revocation::RevocationRepository, session::SessionRepository, statistics::StatisticsRepository,
    task::TaskRepository, ticket::TicketRepository, user::UserRepository,
};
use std::sync::Arc;

/// Every port that a database implements. `infra-diesel` builds it on SQLite or PostgreSQL.
#[derive(Clone)]
pub struct Repositories {
    /// Accounts.
    pub users: Arc<dyn UserRepository>,
    /// Projects.
    pub projects: Arc<dyn ProjectRepository>,
    /// Tasks.
    pub tasks: Arc<dyn TaskRepository>,
    /// Comments.
    pub comments: Arc<dyn CommentRepository>,
    /// Sessions and refresh tokens.
    pub sessions: Arc<dyn SessionRepository>,
    /// The blocklist of access tokens.
    pub revocations: Arc<dyn RevocationRepository>,
    /// Requests that were done under an idempotency key.
    pub idempotency: Arc<dyn IdempotencyRepository>,
    /// Events that wait for what follows from them.
    pub outbox: Arc<dyn Outbox>,
    /// What users were told.
    pub notifications: Arc<dyn NotificationRepository>,
    /// Projects' numbers.
    pub statistics: Arc<dyn StatisticsRepository>,
    /// How many mails of notice users get.
    pub notices: Arc<dyn NoticeRepository>,
    /// The queue of jobs.
    pub jobs: Arc<dyn JobQueue>,
    /// Stand-ins for access tokens.
    pub tickets: Arc<dyn TicketRepository>,
    /// What verifying the stored hashes costs.
    pub password_costs: Arc<dyn PasswordCosts>,
    /// Proofs of addresses.
    pub verifications: Arc<dyn EmailVerificationRepository>,
    /// Ways back into accounts.
    pub resets: Arc<dyn PasswordResetRepository>,
    /// Logins that count against an address.
    pub login_attempts: Arc<dyn LoginAttempts>,
    /// Which account a user of another issuer has.
    pub identities: Arc<dyn IdentityRepository>,
    /// Who did what.
    pub audit: Arc<dyn AuditRepository>,
    /// Whether the database can be used.
    pub health: Arc<dyn HealthCheck>,
}
