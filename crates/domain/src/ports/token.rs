//! Making and checking tokens.

use crate::{
    Timestamp,
    session::RefreshGrant,
    token::{AccessClaims, AccessGrant, RefreshClaims, SecretToken, TokenError},
};
use async_trait::async_trait;
use std::{error::Error, time::Duration};

/// What a client gets for a login or an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPair {
    /// Proves who somebody is.
    pub access: SecretToken,
    /// Is exchanged, once, for the next pair.
    pub refresh: SecretToken,
    /// How long the access token is good.
    pub expires_in: Duration,
}

/// A token could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("a token could not be signed")]
pub struct SigningError(#[source] pub Box<dyn Error + Send + Sync>);

/// Makes tokens.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait TokenIssuer: Send + Sync {
    /// A refresh token to be, with an id that was never used.
    fn grant_refresh(&self, now: Timestamp) -> RefreshGrant;

    /// Signs both tokens. The access token expires no later than the refresh token.
    fn issue(&self, access: &AccessGrant, refresh: &RefreshGrant, now: Timestamp) -> Result<TokenPair, SigningError>;
}

/// Checks tokens.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TokenVerifier: Send + Sync {
    /// What an access token of ours says, if it is genuine, good for now and was not revoked. Storage confirms a token
    /// before it is taken for the first time; afterwards it is taken until the blocklist names it.
    async fn verify_access(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError>;

    /// Whether an access token that said this is still good by the blocklist: for whoever goes on after the request
    /// that brought it.
    async fn recheck_access(&self, claims: &AccessClaims, now: Timestamp) -> Result<(), TokenError>;

    /// Whether an access token that said this is still good by the blocklist and by storage: for claims that were kept
    /// elsewhere than in the token.
    async fn confirm_access(&self, claims: &AccessClaims, now: Timestamp) -> Result<(), TokenError>;

    /// What an access token of ours says, if it is genuine, though it may have expired or been revoked.
    fn read_access(&self, token: &str) -> Result<AccessClaims, TokenError>;

    /// What a refresh token says, if it is genuine and good for now. Whether it was spent is known to the
    /// [`SessionRepository`](super::session::SessionRepository).
    fn verify_refresh(&self, token: &str, now: Timestamp) -> Result<RefreshClaims, TokenError>;
}
