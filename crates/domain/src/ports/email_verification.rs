//! Storage of email verifications.

use super::RepositoryError;
use crate::{Timestamp, email_verification::NewEmailVerification, id::UserId, ticket::SecretHash, user::User};
use async_trait::async_trait;

/// Keeps verification tokens from when they are mailed until they are used.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait EmailVerificationRepository: Send + Sync {
    /// Queues [`VerificationMail`](crate::job::JobPayload::VerificationMail) for this user, unless one waits already.
    /// While one is being sent, another is queued behind it.
    async fn request(&self, user_id: UserId, at: Timestamp) -> Result<(), RepositoryError>;

    /// Keeps a token in place of any former one of its user. `Ok(false)`, and the former one stays as it is, where the
    /// user is not active or has not to prove this address, or where
    /// [`MAX_REPEATED_VERIFICATIONS`](crate::email_verification::MAX_REPEATED_VERIFICATIONS) or
    /// [`MAX_VERIFICATIONS`](crate::email_verification::MAX_VERIFICATIONS) is reached and the last token has not
    /// expired.
    async fn create(&self, verification: NewEmailVerification) -> Result<bool, RepositoryError>;

    /// Exchanges a token for the proof of the address that it was sent to: the address is the user's and verified, and
    /// none is pending. `Ok(None)` where the token is not good at `at`: expired, used, of a user who is not active or
    /// has not to prove that address any more. `Conflict` with
    /// [`constraint::USER_EMAIL`](super::constraint::USER_EMAIL) where another account has the address by now.
    async fn redeem(&self, hash: SecretHash, at: Timestamp) -> Result<Option<User>, RepositoryError>;

    /// Forgets tokens that have expired at `now`. How many. Deletes no more than about `limit` at once: where as many went,
    /// there may be others.
    async fn delete_expired(&self, now: Timestamp, limit: u32) -> Result<u64, RepositoryError>;
}
