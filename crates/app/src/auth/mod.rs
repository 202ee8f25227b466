//! Who somebody is: accounts, sessions and their tokens.

pub mod authenticate;
pub mod change_password;
pub mod forgot_password;
pub mod limit_logins;
pub mod login;
pub mod logout;
pub mod refresh;
pub mod register;
pub mod resend_verification;
pub mod reset_password;
pub mod revoke_session;
pub mod sessions;
pub mod verify_email;

use fasttrack_domain::{session::Login, token::AccessGrant};

/// What the operator wants of accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountPolicy {
    /// Whether an address has to be proven before its owner logs in with it, or replaces a proven one by it.
    pub require_verified_email: bool,
    /// Whether accounts that another issuer made may have a password here.
    pub external_users_may_set_password: bool,
}

/// What the next access token of this login says.
fn access_grant(Login { session, user }: &Login) -> AccessGrant {
    AccessGrant {
        user_id: user.id,
        user_key: user.key,
        role: user.role,
        session_id: session.id,
        session_key: session.key,
        epoch: user.token_epoch,
    }
}
