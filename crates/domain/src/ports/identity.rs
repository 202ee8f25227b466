//! Tokens of another issuer, and storage of whose account its users have.

use super::RepositoryError;
use crate::{
    Timestamp,
    identity::{ExternalClaims, Identity, Link},
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

    /// Gives an account to this identity besides those that it has, and answers it. `Ok(None)` where another version of
    /// it stands, or none. `Conflict` with [`constraint::IDENTITY`](super::constraint::IDENTITY) where the identity has an
    /// account.
    async fn link(&self, link: Link) -> Result<Option<User>, RepositoryError>;

    /// Gives an account to this identity alone, as if its issuer had made it: its address is verified and none is
    /// pending; its password, its other identities, its sessions, its access tokens of older epochs and its tokens
    /// for resets and verifications end. `Ok(None)` and `Conflict` as for
    /// [`link`](Self::link).
    async fn take_over(&self, link: Link) -> Result<Option<User>, RepositoryError>;
}
