//! Passwords and email addresses: changed, reset and verified by the owner of the account.

mod change_password;
mod forgot_password;
mod resend_verification;
mod reset_password;
mod verify_email;

pub use change_password::ChangePassword;
pub use reset_password::ResetPassword;

use fasttrack_domain::ports::{
    clock::Clock, email_verification::EmailVerificationRepository, password::PasswordHasher,
    password_reset::PasswordResetRepository, revocation::Blocklist, secret::SecretSource, user::UserRepository,
};
use std::sync::Arc;

/// Passwords and email addresses of accounts, changed by their owners.
#[derive(Clone)]
pub struct Accounts {
    pub users: Arc<dyn UserRepository>,
    pub resets: Arc<dyn PasswordResetRepository>,
    pub verifications: Arc<dyn EmailVerificationRepository>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub secrets: Arc<dyn SecretSource>,
    pub blocklist: Arc<dyn Blocklist>,
    pub clock: Arc<dyn Clock>,
    pub policy: AccountPolicy,
}

/// What the operator allows and requires of accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountPolicy {
    /// Whether an address has to be proven before its owner logs in with it, or replaces a proven one by it.
    pub require_verified_email: bool,
    /// Whether accounts that another issuer made may have a password here.
    pub external_users_may_set_password: bool,
}

#[cfg(test)]
impl Accounts {
    /// Each mock fails the test that calls it. A test replaces the ports that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{
            email_verification::MockEmailVerificationRepository, password::MockPasswordHasher,
            password_reset::MockPasswordResetRepository, revocation::MockBlocklist, secret::MockSecretSource,
            user::MockUserRepository,
        };
        Self {
            users: Arc::new(MockUserRepository::new()),
            resets: Arc::new(MockPasswordResetRepository::new()),
            verifications: Arc::new(MockEmailVerificationRepository::new()),
            hasher: Arc::new(MockPasswordHasher::new()),
            secrets: Arc::new(MockSecretSource::new()),
            blocklist: Arc::new(MockBlocklist::new()),
            clock: crate::fixtures::clock(),
            policy: AccountPolicy::default(),
        }
    }
}
