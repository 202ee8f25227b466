//! Email verification: whoever reads the mail of an address proves that it is theirs.

use crate::{Timestamp, email::Email, id::UserId, ticket::SecretHash};
use std::time::Duration;

/// How long a verification token is good.
pub const VERIFICATION_LIFETIME: Duration = Duration::from_hours(24);

/// Mails that an address gets before the last token of its user has expired, besides the first.
pub const MAX_REPEATED_VERIFICATIONS: u32 = 5;

/// Mails that a user causes before the last token has expired, to whatever addresses.
pub const MAX_VERIFICATIONS: u32 = 10;

/// A verification token that is to be kept, in place of any former one of its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEmailVerification {
    /// Whose address it proves.
    pub user_id: UserId,
    /// Where it is sent. It is good for as long as this is what the user has to prove.
    pub email: Email,
    /// Finds it.
    pub hash: SecretHash,
    /// Whether it takes the place of one that may not have been sent, and so counts towards no bound.
    pub again: bool,
    /// Now.
    pub created_at: Timestamp,
}

impl NewEmailVerification {
    /// Good until then.
    pub fn expires_at(&self) -> Timestamp {
        self.created_at + VERIFICATION_LIFETIME
    }
}
