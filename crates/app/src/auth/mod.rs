//! Who somebody is: accounts, sessions and their tokens.

pub mod authenticate;
pub mod change_password;
pub mod forgot_password;
pub mod limit_logins;
pub mod login;
pub mod logout;
pub mod refresh;
pub mod register;
pub mod reset_password;
pub mod revoke_session;
pub mod sessions;

use fasttrack_domain::{session::Login, token::AccessGrant};

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
