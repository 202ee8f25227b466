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

/// Keeps what was asked for until it is mailed, and what was mailed until it is used.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PasswordResetRepository: Send + Sync {
    /// Queues [`PasswordResetMail`](crate::job::JobPayload::PasswordResetMail) to this address, whoever has it,
    /// unless one waits already. While one is being sent, another is queued behind it.
    async fn request(&self, email: Email, at: Timestamp) -> Result<(), RepositoryError>;

    /// Keeps a token in place of any former one of its user. `Ok(false)` where the user is not active, or got
    /// [`MAX_RESETS`](crate::password_reset::MAX_RESETS) of which the last has not expired: then that stays as it is.
    async fn create(&self, reset: NewPasswordReset) -> Result<bool, RepositoryError>;

    /// Whose password the token lets choose, if it is good at `now`: not expired, and of an active user who has
    /// the address that it was sent to.
    async fn find(&self, hash: SecretHash, now: Timestamp) -> Result<Option<User>, RepositoryError>;

    /// Exchanges a good token for another password, as
    /// [`UserRepository::reset_password`](super::user::UserRepository::reset_password) sets it; the address is verified
    /// from then on, as the token was mailed there. `Ok(None)` where it is
    /// not good; of any number of simultaneous calls with one token exactly one finds that it is.
    async fn redeem(&self, redemption: Redemption) -> Result<Option<User>, RepositoryError>;

    /// Forgets tokens that have expired at `now`. How many.
    /// Deletes no more than about `limit` at once: where as many went, there may be others.
    async fn delete_expired(&self, now: Timestamp, limit: u32) -> Result<u64, RepositoryError>;
}
