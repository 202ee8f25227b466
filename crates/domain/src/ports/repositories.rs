use super::{
    audit::AuditRepository, comment::CommentRepository, email_verification::EmailVerificationRepository,
    erasure::ErasureRepository, export::ExportRepository, health::HealthCheck, idempotency::IdempotencyRepository,
    identity::IdentityRepository, invitation::InvitationRepository, job::JobQueue, label::LabelRepository,
    member::MemberRepository, notice::NoticeRepository, notification::NotificationRepository, outbox::Outbox,
    password::PasswordCosts, password_reset::PasswordResetRepository, people::PeopleRepository,
    project::ProjectRepository, rate_limit::LoginAttempts, reminder::ReminderRepository,
    revocation::RevocationRepository, search::SearchRepository, session::SessionRepository,
    statistics::StatisticsRepository, task::TaskRepository, ticket::TicketRepository, user::UserRepository,
};
use std::sync::Arc;

/// Every port that a database implements. `infra-diesel` builds it on SQLite or PostgreSQL.
#[derive(Clone)]
pub struct Repositories {
    pub users: Arc<dyn UserRepository>,
    pub projects: Arc<dyn ProjectRepository>,
    pub members: Arc<dyn MemberRepository>,
    pub invitations: Arc<dyn InvitationRepository>,
    pub people: Arc<dyn PeopleRepository>,
    pub erasures: Arc<dyn ErasureRepository>,
    pub exports: Arc<dyn ExportRepository>,
    pub tasks: Arc<dyn TaskRepository>,
    pub labels: Arc<dyn LabelRepository>,
    pub reminders: Arc<dyn ReminderRepository>,
    pub search: Arc<dyn SearchRepository>,
    pub comments: Arc<dyn CommentRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub revocations: Arc<dyn RevocationRepository>,
    pub idempotency: Arc<dyn IdempotencyRepository>,
    pub outbox: Arc<dyn Outbox>,
    pub notifications: Arc<dyn NotificationRepository>,
    pub statistics: Arc<dyn StatisticsRepository>,
    pub notices: Arc<dyn NoticeRepository>,
    pub jobs: Arc<dyn JobQueue>,
    pub tickets: Arc<dyn TicketRepository>,
    pub password_costs: Arc<dyn PasswordCosts>,
    pub verifications: Arc<dyn EmailVerificationRepository>,
    pub resets: Arc<dyn PasswordResetRepository>,
    pub login_attempts: Arc<dyn LoginAttempts>,
    pub identities: Arc<dyn IdentityRepository>,
    pub audit: Arc<dyn AuditRepository>,
    pub health: Arc<dyn HealthCheck>,
}
