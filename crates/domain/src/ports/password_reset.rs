//! Storage of password resets.

use super::RepositoryError;
use crate::{
    Timestamp,
    email::Email,
    password_reset::{NewPasswordReset, Redemption},
    ticket::SecretHash,
    user::User,
};
use async_trait::async_trait;

/// Stores the hashes of password reset tokens.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PasswordResetRepository: Send + Sync {
    /// Queues a [`PasswordResetMail`](crate::job::JobPayload::PasswordResetMail) to this address, whether or not an
    /// account has it, unless one is queued. While one is being sent, another is queued behind it.
    async fn request(&self, email: Email, at: Timestamp) -> Result<(), RepositoryError>;

    /// Stores a token, which replaces the user's former one. `Ok(false)` if the user is not active, or has got
    /// [`MAX_RESETS`](crate::password_reset::MAX_RESETS) tokens of which the last has not expired: the former one is
    /// kept.
    async fn create(&self, reset: NewPasswordReset) -> Result<bool, RepositoryError>;

    /// Returns the user whose password the token resets, if it is valid at `now`: not expired, and of an active user
    /// who has the address that it was sent to.
    async fn find(&self, hash: SecretHash, now: Timestamp) -> Result<Option<User>, RepositoryError>;

    /// Redeems a valid token for a new password, as
    /// [`UserRepository::reset_password`](super::user::UserRepository::reset_password) sets it. The address becomes
    /// verified, as the token was mailed there. `Ok(None)` if the token is not valid; of concurrent calls with one
    /// token exactly one succeeds.
    async fn redeem(&self, redemption: Redemption) -> Result<Option<User>, RepositoryError>;

    /// Deletes tokens that have expired at `now`, and returns their number. Each call deletes no more than about
    /// `limit`: if as many were deleted, there may be others.
    async fn delete_expired(&self, now: Timestamp, limit: u32) -> Result<u64, RepositoryError>;
}
