//! Storage of email verifications.

use super::RepositoryError;
use crate::{Timestamp, email_verification::NewEmailVerification, id::UserId, ticket::SecretHash, user::User};
use async_trait::async_trait;

/// Stores the hashes of verification tokens.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait EmailVerificationRepository: Send + Sync {
    /// Queues a [`VerificationMail`](crate::job::JobPayload::VerificationMail) for this user, unless one is queued.
    /// While one is being sent, another is queued behind it.
    async fn request(&self, user_id: UserId, at: Timestamp) -> Result<(), RepositoryError>;

    /// Stores a token, which replaces the user's former one. `Ok(false)`, and the former one is kept, if
    ///
    /// - the user is not active or doesn't have to prove this address, or
    /// - the last token has not expired and
    ///   [`MAX_REPEATED_VERIFICATIONS`](crate::email_verification::MAX_REPEATED_VERIFICATIONS) or
    ///   [`MAX_VERIFICATIONS`](crate::email_verification::MAX_VERIFICATIONS) is reached.
    async fn create(&self, verification: NewEmailVerification) -> Result<bool, RepositoryError>;

    /// Redeems a token: its address becomes the user's verified address, and no address is pending.
    ///
    /// - `Ok(None)` if the token is not valid at `at`: expired, used, of a user who is not active or no longer has to
    ///   prove that address.
    /// - `Conflict` with [`constraint::USER_EMAIL`](super::constraint::USER_EMAIL) if another account has the address
    ///   by now.
    async fn redeem(&self, hash: SecretHash, at: Timestamp) -> Result<Option<User>, RepositoryError>;

    /// Deletes tokens that have expired at `now`, and returns their number. Each call deletes no more than about
    /// `limit`: if as many were deleted, there may be others.
    async fn delete_expired(&self, now: Timestamp, limit: u32) -> Result<u64, RepositoryError>;
}
