//! Storage of accounts.

use super::RepositoryError;
use crate::{
    Timestamp,
    audit::AuditEntry,
    email::Email,
    id::UserId,
    page::{Page, PageRequest},
    password::{PasswordChange, PasswordHash},
    token::Revocation,
    user::{Credentials, NewUser, User, UserChange, UserFilter},
};
use async_trait::async_trait;

/// Stores accounts. See the promises of [`ports`](super).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UserRepository: Send + Sync {
    /// Makes an active account, and queues [`NewUser::jobs`] with it. `Conflict` with [`constraint::USER_EMAIL`](super::constraint::USER_EMAIL) where the
    /// address is in use.
    async fn create(&self, user: NewUser) -> Result<User, RepositoryError>;

    /// The account with this id.
    async fn find(&self, id: UserId) -> Result<Option<User>, RepositoryError>;

    /// The account with this address and its password hash.
    async fn find_credentials(&self, email: &Email) -> Result<Option<Credentials>, RepositoryError>;

    /// The account with this id and its password hash.
    async fn credentials(&self, id: UserId) -> Result<Option<Credentials>, RepositoryError>;

    /// A page of accounts.
    async fn list(&self, filter: UserFilter, page: PageRequest) -> Result<Page<User>, RepositoryError>;

    /// Commits a change, ends the user's sessions and any reset token where the change says so, and puts `revocation`
    /// on the blocklist.
    ///
    /// `Ok(None)` where another version stands. `Conflict` with `USER_EMAIL`, or with
    /// [`constraint::LAST_ACTIVE_ADMIN`](super::constraint::LAST_ACTIVE_ADMIN) where the change takes away the last
    /// active admin, also when several such changes come at once.
    async fn save(&self, change: UserChange, revocation: Option<Revocation>) -> Result<Option<User>, RepositoryError>;

    /// Sets another password by its owner. Of the sessions `kept` goes on; every other live one ends, with an entry on
    /// the blocklist. The token epoch stays, and any reset token is forgotten. The entries that were made;
    /// `Ok(None)` where the user is not active, or has another password than it was proven by.
    async fn change_password(&self, change: PasswordChange) -> Result<Option<Vec<Revocation>>, RepositoryError>;

    /// Sets another password from outside: ends every session, counts the token epoch on, blocks access tokens of
    /// older epochs, forgets any reset token, and commits a line of the audit with that. `Ok(None)` where there is no such
    /// account.
    async fn reset_password(
        &self,
        id: UserId,
        hash: PasswordHash,
        at: Timestamp,
        audit: Option<AuditEntry>,
    ) -> Result<Option<User>, RepositoryError>;
}
