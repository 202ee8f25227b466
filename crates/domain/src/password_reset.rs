//! Password resets: whoever reads the mail of an account may choose its password, once and for a while.

use crate::{Timestamp, email::Email, id::UserId, password::PasswordHash, ticket::SecretHash};
use std::time::Duration;

/// How long a reset token is good.
pub const RESET_LIFETIME: Duration = Duration::from_mins(30);

/// Reset tokens that a user gets before the last of them has expired, so that nobody fills a mailbox by asking for more.
pub const MAX_RESETS: u32 = 5;

/// A reset token that is to be kept, in place of any former one of its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPasswordReset {
    /// Whose password it lets choose.
    pub user_id: UserId,
    /// Where it is sent. It is good for as long as this is the user's address.
    pub email: Email,
    /// Finds it.
    pub hash: SecretHash,
    /// Takes the place of one that may not have been sent, and so doesn't count towards [`MAX_RESETS`].
    pub again: bool,
    /// Now.
    pub created_at: Timestamp,
}

impl NewPasswordReset {
    /// Good until then.
    pub fn expires_at(&self) -> Timestamp {
        self.created_at + RESET_LIFETIME
    }
}

/// A reset token that is to be exchanged for another password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redemption {
    /// Of the token.
    pub hash: SecretHash,
    /// What proves the owner from now on.
    pub password: PasswordHash,
    /// Now.
    pub at: Timestamp,
}
