//! Background jobs, and the queue that they wait in.

mod list;
mod perform;
mod retry;
mod worker;

pub use perform::{AccountMails, Failed, Performed};
pub use retry::RetryJobs;
pub use worker::{Attempted, Worker};

use crate::{Config, Ports};
use fasttrack_domain::ports::{
    clock::Clock, email_verification::EmailVerificationRepository, erasure::ErasureRepository,
    invitation::InvitationRepository, job::JobQueue, mail::Mailer, notice::NoticeRepository,
    password_reset::PasswordResetRepository, secret::SecretSource, task::TaskRepository, user::UserRepository,
    webhook::WebhookRepository,
};
use std::sync::Arc;

#[derive(Clone)]
pub struct Jobs {
    pub queue: Arc<dyn JobQueue>,
    pub users: Arc<dyn UserRepository>,
    pub tasks: Arc<dyn TaskRepository>,
    pub resets: Arc<dyn PasswordResetRepository>,
    pub verifications: Arc<dyn EmailVerificationRepository>,
    pub invitations: Arc<dyn InvitationRepository>,
    pub erasures: Arc<dyn ErasureRepository>,
    pub webhooks: Arc<dyn WebhookRepository>,
    pub notices: Arc<dyn NoticeRepository>,
    pub secrets: Arc<dyn SecretSource>,
    pub mailer: Arc<dyn Mailer>,
    pub clock: Arc<dyn Clock>,
    pub account_mails: AccountMails,
}

impl Jobs {
    pub(crate) fn new(ports: &Ports, config: &Config) -> Self {
        Self {
            queue: ports.repositories.jobs.clone(),
            users: ports.repositories.users.clone(),
            tasks: ports.repositories.tasks.clone(),
            resets: ports.repositories.resets.clone(),
            verifications: ports.repositories.verifications.clone(),
            invitations: ports.repositories.invitations.clone(),
            erasures: ports.repositories.erasures.clone(),
            webhooks: ports.repositories.webhooks.clone(),
            notices: ports.repositories.notices.clone(),
            secrets: ports.secrets.clone(),
            mailer: ports.mailer.clone(),
            clock: ports.clock.clone(),
            account_mails: AccountMails::new(config),
        }
    }
}

#[cfg(test)]
impl Jobs {
    /// Returns mocks that expect no call. A test replaces those that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{
            email_verification::MockEmailVerificationRepository, erasure::MockErasureRepository,
            invitation::MockInvitationRepository, job::MockJobQueue, mail::MockMailer, notice::MockNoticeRepository,
            password_reset::MockPasswordResetRepository, secret::MockSecretSource, task::MockTaskRepository,
            user::MockUserRepository, webhook::MockWebhookRepository,
        };
        Self {
            queue: Arc::new(MockJobQueue::new()),
            users: Arc::new(MockUserRepository::new()),
            tasks: Arc::new(MockTaskRepository::new()),
            resets: Arc::new(MockPasswordResetRepository::new()),
            verifications: Arc::new(MockEmailVerificationRepository::new()),
            invitations: Arc::new(MockInvitationRepository::new()),
            erasures: Arc::new(MockErasureRepository::new()),
            webhooks: Arc::new(MockWebhookRepository::new()),
            notices: Arc::new(MockNoticeRepository::new()),
            secrets: Arc::new(MockSecretSource::new()),
            mailer: Arc::new(MockMailer::new()),
            clock: crate::fixtures::clock(),
            account_mails: AccountMails::default(),
        }
    }
}
