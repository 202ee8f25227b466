//! Issuing and verification of tokens.

use crate::{
    Timestamp,
    id::ApiTokenId,
    session::RefreshGrant,
    token::{AccessClaims, AccessGrant, RefreshClaims, SecretToken, TokenError},
};
use async_trait::async_trait;
use std::{error::Error, time::Duration};

/// The tokens that a client gets for a login or a refresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPair {
    pub access: SecretToken,
    /// The refresh token can be exchanged once for the next pair.
    pub refresh: SecretToken,
    /// The lifetime of the access token.
    pub expires_in: Duration,
}

/// A token could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("a token could not be signed")]
pub struct SigningError(#[source] pub Box<dyn Error + Send + Sync>);

/// Signs the tokens of this service.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait TokenIssuer: Send + Sync {
    /// Creates the claims of a new refresh token, with an id that was never used.
    fn grant_refresh(&self, now: Timestamp) -> RefreshGrant;

    /// Signs both tokens. The access token expires no later than the refresh token.
    fn issue(&self, access: &AccessGrant, refresh: &RefreshGrant, now: Timestamp) -> Result<TokenPair, SigningError>;
}

/// Verifies tokens of this service.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TokenVerifier: Send + Sync {
    /// Verifies an access token: it is genuine, valid at `now` and not revoked. Storage confirms it the first time;
    /// afterwards it is accepted until the blocklist names it.
    async fn verify_access(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError>;

    /// Checks verified claims again by the blocklist: for work that outlives the request that brought the token.
    async fn recheck_access(&self, claims: &AccessClaims, now: Timestamp) -> Result<(), TokenError>;

    /// Checks claims again by the blocklist and by storage: for claims that were stored outside of a token.
    async fn confirm_access(&self, claims: &AccessClaims, now: Timestamp) -> Result<(), TokenError>;

    /// Returns the claims of a genuine access token, which may have expired or been revoked.
    fn read_access(&self, token: &str) -> Result<AccessClaims, TokenError>;

    /// Verifies a refresh token: it is genuine and valid at `now`. Whether it was spent is decided by the
    /// [`SessionRepository`](super::session::SessionRepository).
    fn verify_refresh(&self, token: &str, now: Timestamp) -> Result<RefreshClaims, TokenError>;
}

/// Verifies API tokens. See [`api_token`](crate::api_token).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ApiTokenVerifier: Send + Sync {
    /// Whether the text begins like an API token: it is to be verified here and nowhere else.
    fn is_api_token(&self, token: &str) -> bool;

    /// Decides from memory, and counts the use of a valid token. `None` if storage must be read by
    /// [`look_up`](Self::look_up), which the caller limits before, as any text of the right form causes a read.
    ///
    /// A text that is no API token is [`TokenError::Invalid`].
    fn verify_cached(&self, token: &str, now: Timestamp) -> Option<Result<AccessClaims, TokenError>>;

    /// Decides by storage, in one read for all who call with one token at once, and counts the use of a valid token. An
    /// unknown token is [`TokenError::Invalid`].
    async fn look_up(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError>;

    /// Takes the uses since the last call, each token once with its latest use.
    fn take_uses(&self) -> Vec<(ApiTokenId, Timestamp)>;

    /// Adds uses that were taken and could not be stored: the next call takes them again.
    fn put_back_uses(&self, uses: Vec<(ApiTokenId, Timestamp)>);
}
