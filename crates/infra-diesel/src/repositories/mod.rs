//! The repositories, one source for both databases. What differs comes from the parent module: `Connection`, `Database`,
//! `bulk`, `change_rows`, `dialect`, `feed_sql`, `recorded`, `schema`, `task_rows`, `task_sql` and `token_uses`.
//!
//! To add one: implement the port in a file of this folder, add the struct to `all`, and run the port's contract of
//! `fasttrack-testkit` against both databases.

mod access;
pub(crate) mod address_forms;
mod api_token;
mod audit;
mod backlog;
mod change;
mod comment;
mod delete_batch;
mod email_verification;
mod erasure;
pub(super) mod event;
mod export;
mod health;
mod idempotency;
mod identity;
pub(super) mod index_text;
mod invitation;
mod job;
mod label;
mod login_attempt;
mod mailed_tokens;
mod member;
mod notice;
mod notification;
mod outbox;
mod password_cost;
mod password_reset;
mod people;
mod project;
pub(super) mod quota;
mod reminder;
mod revocation;
mod search;
mod secret_hash;
mod session;
mod statistics;
pub(super) mod task;
mod ticket;
mod user;
mod views;
mod webhook;
mod words;

pub use api_token::ApiTokenRepository;
pub use audit::AuditRepository;
pub use change::ChangeFeed;
pub use comment::CommentRepository;
pub use email_verification::EmailVerificationRepository;
pub use erasure::ErasureRepository;
pub use export::ExportRepository;
pub use health::HealthCheck;
pub use idempotency::IdempotencyRepository;
pub use identity::IdentityRepository;
pub use invitation::InvitationRepository;
pub use job::JobQueue;
pub use label::LabelRepository;
pub use login_attempt::LoginAttempts;
pub use member::MemberRepository;
pub use notice::NoticeRepository;
pub use notification::NotificationRepository;
pub use outbox::Outbox;
pub use password_cost::PasswordCosts;
pub use password_reset::PasswordResetRepository;
pub use people::PeopleRepository;
pub use project::ProjectRepository;
pub use reminder::ReminderRepository;
pub use revocation::RevocationRepository;
pub use search::SearchRepository;
pub use session::SessionRepository;
pub use statistics::StatisticsRepository;
pub use task::TaskRepository;
pub use ticket::TicketRepository;
pub use user::UserRepository;
pub use webhook::{WebhookQueue, WebhookRepository};

pub(crate) use health::{exact_schema_state, schema_state};

use super::{
    Connection, Database, Moment, bulk, change_rows, dialect, feed_sql, recorded, schema, task_rows, task_sql,
    token_uses,
};
use crate::{Error, cached::Cached, lock::Lock, sql_role::SqlRole, sql_timestamp::SqlTimestamp};
use fasttrack_domain::ports::Repositories;
use std::sync::Arc;

// @spec SPEC-008
// @decision DEC-0003
/// All repositories on one database.
pub(crate) fn all(database: &Database) -> Repositories {
    Repositories {
        users: Arc::new(UserRepository::new(database.clone())),
        projects: Arc::new(ProjectRepository::new(database.clone())),
        members: Arc::new(MemberRepository::new(database.clone())),
        invitations: Arc::new(InvitationRepository::new(database.clone())),
        people: Arc::new(PeopleRepository::new(database.clone())),
        erasures: Arc::new(ErasureRepository::new(database.clone())),
        exports: Arc::new(ExportRepository::new(database.clone())),
        tasks: Arc::new(TaskRepository::new(database.clone())),
        labels: Arc::new(LabelRepository::new(database.clone())),
        reminders: Arc::new(ReminderRepository::new(database.clone())),
        search: Arc::new(SearchRepository::new(database.clone())),
        comments: Arc::new(CommentRepository::new(database.clone())),
        changes: Arc::new(ChangeFeed::new(database.clone())),
        sessions: Arc::new(SessionRepository::new(database.clone())),
        revocations: Arc::new(RevocationRepository::new(database.clone())),
        api_tokens: Arc::new(ApiTokenRepository::new(database.clone())),
        idempotency: Arc::new(IdempotencyRepository::new(database.clone())),
        outbox: Arc::new(Outbox::new(database.clone())),
        notifications: Arc::new(NotificationRepository::new(database.clone())),
        statistics: Arc::new(StatisticsRepository::new(database.clone())),
        notices: Arc::new(NoticeRepository::new(database.clone())),
        jobs: Arc::new(JobQueue::new(database.clone())),
        tickets: Arc::new(TicketRepository::new(database.clone())),
        password_costs: Arc::new(PasswordCosts::new(database.clone())),
        verifications: Arc::new(EmailVerificationRepository::new(database.clone())),
        resets: Arc::new(PasswordResetRepository::new(database.clone())),
        login_attempts: Arc::new(LoginAttempts::new(database.clone())),
        identities: Arc::new(IdentityRepository::new(database.clone())),
        webhooks: Arc::new(WebhookRepository::new(database.clone())),
        webhook_queue: Arc::new(WebhookQueue::new(database.clone())),
        audit: Arc::new(AuditRepository::new(database.clone())),
        health: Arc::new(HealthCheck::new(database.clone())),
    }
}
