//! Settings of the use cases, which the operator chooses.

use chrono::TimeDelta;
use fasttrack_domain::{mail::TokenPage, quota::Quotas, webhook::RetrySchedule};
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Config {
    /// Whether users can register without an administrator.
    pub registration_open: bool,
    pub accounts: AccountPolicy,
    pub quotas: Quotas,
    pub retention: Retention,
    /// A refresh token that was spent less than this ago may be exchanged again; zero for never.
    pub reuse_leeway: Duration,
    /// Maximum lifetime of a session, counted from its login.
    pub session_lifetime: Duration,
    /// Mails with a reset token link to this page; without one they contain the token alone.
    pub reset_page: Option<TokenPage>,
    /// Mails with a verification token link to this page; without one they contain the token alone.
    pub verification_page: Option<TokenPage>,
    /// Where mails with an invitation link to; without a page they contain the token alone.
    pub invitation_page: Option<TokenPage>,
    /// When failed deliveries of webhooks are attempted again.
    pub webhook_retries: RetrySchedule,
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
            invitation_page: None,
            webhook_retries: RetrySchedule::default(),
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

/// Rows older than this are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    pub notifications: TimeDelta,
    pub audit: TimeDelta,
    /// What is kept of deleted things, and of access that was lost, for readers of the change feed.
    pub changes: TimeDelta,
}

impl Default for Retention {
    fn default() -> Self {
        Self { notifications: TimeDelta::days(90), audit: TimeDelta::days(365), changes: TimeDelta::days(90) }
    }
}
