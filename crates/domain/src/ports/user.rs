//! Storage of accounts.

use super::RepositoryError;
use crate::{
    Timestamp,
    audit::AuditEntry,
    email::Email,
    id::UserId,
    page::{Page, PageRequest},
    password::{PasswordChange, PasswordHash},
    revocation::Revocation,
    user::{Credentials, NewUser, User, UserChange, UserFilter},
};
use async_trait::async_trait;

/// Stores accounts. No method finds an account that was erased: its id is as unknown as one that never was. See the
/// promises of [`ports`](super).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UserRepository: Send + Sync {
    /// Creates an active account, and queues [`NewUser::jobs`] with it. `Conflict` with
    /// [`constraint::USER_EMAIL`](super::constraint::USER_EMAIL) if the address is in use.
    async fn create(&self, user: NewUser) -> Result<User, RepositoryError>;

    async fn find(&self, id: UserId) -> Result<Option<User>, RepositoryError>;

    /// Finds an account by the [`key`](Email::key) of its address.
    async fn find_credentials(&self, email: &Email) -> Result<Option<Credentials>, RepositoryError>;

    async fn credentials(&self, id: UserId) -> Result<Option<Credentials>, RepositoryError>;

    async fn list(&self, filter: UserFilter, page: PageRequest) -> Result<Page<User>, RepositoryError>;

    /// Saves a change, ends sessions and reset token as the change says, and stores `revocation` on the blocklist.
    ///
    /// - `Ok(None)` if another version is stored.
    /// - `Conflict` with [`constraint::USER_EMAIL`](super::constraint::USER_EMAIL) if the address is in use.
    /// - `Conflict` with [`constraint::LAST_ACTIVE_ADMIN`](super::constraint::LAST_ACTIVE_ADMIN) if the change removes
    ///   the last active admin. Concurrent calls can't remove the last two.
    async fn save(&self, change: UserChange, revocation: Option<Revocation>) -> Result<Option<User>, RepositoryError>;

    /// Sets a new password for its owner. Every live session except `kept` ends, with an entry on the blocklist; the
    /// reset token is deleted; token epoch and API tokens are unchanged. Returns the new blocklist entries, `Ok(None)` if
    /// the user is not active or has another password hash than `proven_by`.
    async fn change_password(&self, change: PasswordChange) -> Result<Option<Vec<Revocation>>, RepositoryError>;

    /// Sets a new password without the former one: ends every session, revokes every API token, increases the token
    /// epoch, blocks access tokens of older epochs, deletes the reset token, and commits the audit entry. `Ok(None)` if
    /// the account doesn't exist.
    async fn reset_password(
        &self,
        id: UserId,
        hash: PasswordHash,
        at: Timestamp,
        audit: Option<AuditEntry>,
    ) -> Result<Option<User>, RepositoryError>;
}
