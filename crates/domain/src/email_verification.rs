//! Email verification: a mailed token proves that the user receives mail at an address.

use crate::{Timestamp, email::Email, id::UserId, ticket::SecretHash};
use std::time::Duration;

/// A verification token expires this long after it was created.
pub const VERIFICATION_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Most repeated mails to one address before the user's last token has expired. The first mail isn't counted.
pub const MAX_REPEATED_VERIFICATIONS: u32 = 5;

/// Most mails to any addresses that one user can cause before the last token has expired.
pub const MAX_VERIFICATIONS: u32 = 10;

/// A verification token to store. It replaces the user's former one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEmailVerification {
    pub user_id: UserId,
    /// The address to prove. The token is valid as long as this is the user's unproven address.
    pub email: Email,
    pub hash: SecretHash,
    /// Whether it replaces a token whose mail may not have been sent. Such a repetition isn't counted.
    pub again: bool,
    pub created_at: Timestamp,
}

impl NewEmailVerification {
    pub fn expires_at(&self) -> Timestamp {
        self.created_at + VERIFICATION_LIFETIME
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_verification_token_is_valid_for_a_day() {
        let token = NewEmailVerification {
            user_id: UserId::new(1),
            email: Email::parse("ann@example.org").unwrap(),
            hash: SecretHash::new([7; 32]),
            again: false,
            created_at: Timestamp::UNIX_EPOCH,
        };
        assert_eq!(token.expires_at() - token.created_at, TimeDelta::days(1));
    }
}
