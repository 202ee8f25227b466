//! Verification of another issuer's tokens, and storage of the links between its users and accounts.

use super::RepositoryError;
use crate::{
    Timestamp,
    identity::{Identity, IdentityLink},
    token::{ExternalClaims, TokenError},
    user::{NewUser, User},
};
use async_trait::async_trait;

/// Verifies tokens of another issuer.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ExternalVerifier: Send + Sync {
    /// Whether a token's unverified `iss` claim names the issuer. Performs no I/O.
    fn names_issuer(&self, token: &str) -> bool;

    /// Returns the claims of a token that is genuine and valid at `now`: signed by a key that the issuer publishes, and
    /// for this service.
    ///
    /// - [`TokenError::Expired`] from the moment at which a genuine token expires.
    /// - [`TokenError::Invalid`] for any other token, including a genuine one before the moment from which it is valid.
    /// - [`TokenError::Unavailable`] if the issuer's keys can't be fetched.
    async fn verify(&self, token: &str, now: Timestamp) -> Result<ExternalClaims, TokenError>;
}

/// What is stored of an identity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownIdentity {
    /// The account that the identity is linked to.
    pub user: Option<User>,
    /// When an account with this identity was erased the last time.
    pub erased_at: Option<Timestamp>,
}

impl KnownIdentity {
    /// Whether a token that was issued at `issued_at`, in whole seconds, may be used. One from before an erasure may not,
    /// nor one without a time once there was an erasure.
    pub fn admits(&self, issued_at: Option<Timestamp>) -> bool {
        self.erased_at.is_none_or(|erased_at| issued_at.is_some_and(|issued_at| issued_at > erased_at))
    }
}

/// Stores the link from an identity to an account. See the promises of [`ports`](super).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait IdentityRepository: Send + Sync {
    /// Returns the account that the identity is linked to, and when one with this identity was erased, by one query.
    async fn find(&self, identity: &Identity) -> Result<KnownIdentity, RepositoryError>;

    /// Creates an account for this identity, as [`UserRepository::create`](super::user::UserRepository::create) does.
    ///
    /// - `Conflict` with [`constraint::IDENTITY`](super::constraint::IDENTITY) if the identity has an account.
    /// - `Conflict` with [`constraint::USER_EMAIL`](super::constraint::USER_EMAIL) if the address is in use.
    async fn create(&self, identity: Identity, user: NewUser) -> Result<User, RepositoryError>;

    /// Links an account to this identity in addition to its other identities, and returns the account. `Ok(None)` if
    /// another version of the account is stored, or none. `Conflict` with
    /// [`constraint::IDENTITY`](super::constraint::IDENTITY) if the identity has an account.
    async fn link(&self, link: IdentityLink) -> Result<Option<User>, RepositoryError>;

    /// Links an account to this identity only, as if its issuer had created the account: the address is verified and
    /// none is pending; the password, other identities, sessions, access tokens of older epochs, API tokens, reset tokens
    /// and verification tokens are removed. `Ok(None)` and `Conflict` as for [`link`](Self::link).
    async fn take_over(&self, link: IdentityLink) -> Result<Option<User>, RepositoryError>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn tokens_from_before_an_erasure_are_not_admitted() {
        let at = |milliseconds| Timestamp::UNIX_EPOCH + TimeDelta::milliseconds(milliseconds);
        let erased = KnownIdentity { user: None, erased_at: Some(at(5_500)) };
        for (issued_at, admitted) in
            [(None, false), (Some(at(1_000)), false), (Some(at(5_500)), false), (Some(at(6_000)), true)]
        {
            assert_eq!(erased.admits(issued_at), admitted, "{issued_at:?}");
            assert!(KnownIdentity::default().admits(issued_at));
        }
    }
}
