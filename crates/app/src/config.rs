//! What an operator decides.

use chrono::TimeDelta;
use fasttrack_domain::{mail::TokenPage, quota::Quotas};
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Config {
    /// Whether anybody may register.
    pub registration_open: bool,
    pub accounts: AccountPolicy,
    pub quotas: Quotas,
    pub retention: Retention,
    /// A refresh token that was spent less than this ago may be exchanged again; zero for never.
    pub reuse_leeway: Duration,
    /// How long a session lasts after its login at most.
    pub session_lifetime: Duration,
    /// Where mails with a reset token link to; without a page they contain the token alone.
    pub reset_page: Option<TokenPage>,
    /// Where mails with a verification token link to; without a page they contain the token alone.
    pub verification_page: Option<TokenPage>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            registration_open: true,
            accounts: AccountPolicy::default(),
            quotas: Quotas::default(),
            retention: Retention::default(),
            reuse_leeway: Duration::ZERO,
            session_lifetime: Duration::from_secs(90 * 24 * 60 * 60),
            reset_page: None,
            verification_page: None,
        }
    }
}

/// What the operator allows and requires of accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountPolicy {
    /// Whether an address has to be proven before its owner logs in with it, or replaces a proven one by it.
    pub require_verified_email: bool,
    /// Whether accounts that another issuer made may have a password here.
    pub external_users_may_set_password: bool,
}

/// How long rows with an age limit are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    pub notifications: TimeDelta,
    pub audit: TimeDelta,
}

impl Default for Retention {
    fn default() -> Self {
        Self { notifications: TimeDelta::days(90), audit: TimeDelta::days(365) }
    }
}
