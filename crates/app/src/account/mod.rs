//! Accounts, by their owner: passwords and email addresses are changed, reset and verified, the account is exported and
//! erased.

mod change_password;
mod erase_me;
mod export;
mod forgot_password;
mod resend_verification;
mod reset_password;
mod verify_email;

pub use change_password::ChangePassword;
pub use erase_me::EraseMe;
pub use export::{Export, ExportPart, ExportPorts};
pub use reset_password::ResetPassword;

use crate::{AccountPolicy, Config, Ports};
use fasttrack_domain::ports::{
    clock::Clock, email_verification::EmailVerificationRepository, erasure::ErasureRepository,
    password::PasswordHasher, password_reset::PasswordResetRepository, revocation::Blocklist, secret::SecretSource,
    user::UserRepository,
};
use std::sync::Arc;

#[derive(Clone)]
pub struct Accounts {
    pub users: Arc<dyn UserRepository>,
    pub resets: Arc<dyn PasswordResetRepository>,
    pub verifications: Arc<dyn EmailVerificationRepository>,
    pub erasures: Arc<dyn ErasureRepository>,
    pub exports: ExportPorts,
    pub hasher: Arc<dyn PasswordHasher>,
    pub secrets: Arc<dyn SecretSource>,
    pub blocklist: Arc<dyn Blocklist>,
    pub clock: Arc<dyn Clock>,
    pub policy: AccountPolicy,
}

impl Accounts {
    pub(crate) fn new(ports: &Ports, config: &Config) -> Self {
        Self {
            users: ports.repositories.users.clone(),
            resets: ports.repositories.resets.clone(),
            verifications: ports.repositories.verifications.clone(),
            erasures: ports.repositories.erasures.clone(),
            exports: ExportPorts::new(ports),
            hasher: ports.hasher.clone(),
            secrets: ports.secrets.clone(),
            blocklist: ports.blocklist.clone(),
            clock: ports.clock.clone(),
            policy: config.accounts,
        }
    }
}

#[cfg(test)]
impl Accounts {
    /// Returns mocks that expect no call. A test replaces those that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{
            email_verification::MockEmailVerificationRepository, erasure::MockErasureRepository,
            password::MockPasswordHasher, password_reset::MockPasswordResetRepository, revocation::MockBlocklist,
            secret::MockSecretSource, user::MockUserRepository,
        };
        Self {
            users: Arc::new(MockUserRepository::new()),
            resets: Arc::new(MockPasswordResetRepository::new()),
            verifications: Arc::new(MockEmailVerificationRepository::new()),
            erasures: Arc::new(MockErasureRepository::new()),
            exports: ExportPorts::mocked(),
            hasher: Arc::new(MockPasswordHasher::new()),
            secrets: Arc::new(MockSecretSource::new()),
            blocklist: Arc::new(MockBlocklist::new()),
            clock: crate::fixtures::clock(),
            policy: AccountPolicy::default(),
        }
    }
}
