//! Tokens of another issuer, and storage of whose account its users have.

use super::RepositoryError;
use crate::{
    Timestamp,
    id::UserId,
    identity::{ExternalClaims, Identity},
    token::TokenError,
    user::{NewUser, User},
};
use async_trait::async_trait;

/// Checks tokens of another issuer.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ExternalVerifier: Send + Sync {
    /// Whether a token claims to be of the issuer, whatever else is wrong with it. Looks nothing up.
    fn names_issuer(&self, token: &str) -> bool;

    /// What a token says, if it is genuine and good for now. [`TokenError::Unavailable`] where the issuer's keys
    /// can't be had.
    async fn verify(&self, token: &str, now: Timestamp) -> Result<ExternalClaims, TokenError>;
}

/// Stores which account a user of another issuer has. See the promises of [`ports`](super).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait IdentityRepository: Send + Sync {
    /// The account, as it is now.
    async fn find(&self, identity: &Identity) -> Result<Option<User>, RepositoryError>;

    /// Makes an account for this identity, as [`UserRepository::create`](super::user::UserRepository::create) does.
    /// `Conflict` with [`constraint::IDENTITY`](super::constraint::IDENTITY) where it has one, or with
    /// [`constraint::USER_EMAIL`](super::constraint::USER_EMAIL) where the address is in use.
    async fn create(&self, identity: Identity, user: NewUser) -> Result<User, RepositoryError>;

    /// Gives an account to this identity, and answers it. `Conflict` with
    /// [`constraint::IDENTITY`](super::constraint::IDENTITY) where it has one, or with
    /// [`constraint::REFERENCE`](super::constraint::REFERENCE) where there is no such account.
    async fn link(&self, identity: Identity, user_id: UserId, at: Timestamp) -> Result<User, RepositoryError>;
}
