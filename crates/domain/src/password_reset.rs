//! Password resets: a mailed token allows one new password for a limited time.

use crate::{Timestamp, email::Email, id::UserId, password::PasswordHash, ticket::SecretHash};
use std::time::Duration;

/// A reset token expires this long after it was created.
pub const RESET_LIFETIME: Duration = Duration::from_secs(30 * 60);

/// Most reset tokens of a user before the last one has expired, so that nobody can fill a mailbox.
pub const MAX_RESETS: u32 = 5;

/// A reset token to store. It replaces the user's former one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPasswordReset {
    pub user_id: UserId,
    /// The address that it is mailed to. The token is valid as long as this is the user's address.
    pub email: Email,
    pub hash: SecretHash,
    /// Whether it replaces a token whose mail may not have been sent. Such a repetition doesn't count towards
    /// [`MAX_RESETS`].
    pub again: bool,
    pub created_at: Timestamp,
}

impl NewPasswordReset {
    pub fn expires_at(&self) -> Timestamp {
        self.created_at + RESET_LIFETIME
    }
}

/// A request to redeem a reset token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redemption {
    /// The hash of the mailed token.
    pub hash: SecretHash,
    /// The hash of the new password.
    pub password: PasswordHash,
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_reset_token_is_valid_for_half_an_hour() {
        let token = NewPasswordReset {
            user_id: UserId::new(1),
            email: Email::parse("ann@example.org").unwrap(),
            hash: SecretHash::new([7; 32]),
            again: false,
            created_at: Timestamp::UNIX_EPOCH,
        };
        assert_eq!(token.expires_at() - token.created_at, TimeDelta::minutes(30));
    }
}
