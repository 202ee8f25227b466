//! Verification of another issuer's tokens: JWT of a server like Better Auth, checked as RFC 8725 advises with the keys
//! that the issuer publishes (RFC 7517).
//!
//! A token that is invalid whatever its signature is refused before keys are fetched, so that garbage causes no
//! requests to the issuer. Otherwise the token names its key by `kid`. An unknown key may be newer than the cached set,
//! which is fetched again within the bounds of [`Policy`].

mod fetch;
mod jwks;
mod jws;
mod key;

pub use fetch::{InvalidJwksUrl, JwksUrl, SetupError};
pub use jwks::Policy;

use crate::token::{MAX_TOKEN_BYTES, fingerprint};
use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fasttrack_domain::{
    Timestamp,
    ports::identity::ExternalVerifier,
    token::{ExternalClaims, TokenError, TokenId},
};
use fetch::Fetcher;
use jwks::Jwks;
use jws::{Expected, IdentityClaims, Jws};
use key::KeySet;
use quick_cache::sync::Cache;
use std::sync::Arc;

/// The issuer whose tokens are accepted.
#[derive(Clone, Debug)]
pub struct ExternalConfig {
    pub jwks_url: JwksUrl,
    /// The required `iss` claim.
    pub issuer: String,
    /// The audience that the `aud` claim must be or contain.
    pub audience: String,
    pub policy: Policy,
    /// The number of verified tokens in the cache.
    pub cache_capacity: usize,
}

// @spec SPEC-014
/// Verifies tokens of one other issuer.
pub struct ExternalTokens {
    expected: Expected,
    jwks: Arc<Jwks>,
    verified: Cache<[u8; 32], Verified>,
}

/// A verified token, and the keys it was verified with: with other keys it is verified again.
#[derive(Clone)]
struct Verified {
    keys: Arc<KeySet>,
    claims: ExternalClaims,
}

impl ExternalTokens {
    /// Creates a verifier. Keys are fetched for the first token.
    pub fn new(config: ExternalConfig) -> Result<Self, SetupError> {
        let ExternalConfig { jwks_url, issuer, audience, policy, cache_capacity } = config;
        Ok(Self {
            expected: Expected { issuer, audience },
            jwks: Arc::new(Jwks::new(Fetcher::new(jwks_url, policy.timeout)?, policy)),
            verified: Cache::new(cache_capacity),
        })
    }

    fn cached(&self, fingerprint: &[u8; 32], keys: &Arc<KeySet>) -> Option<ExternalClaims> {
        self.verified.get(fingerprint).filter(|known| Arc::ptr_eq(&known.keys, keys)).map(|known| known.claims)
    }
}

#[async_trait]
impl ExternalVerifier for ExternalTokens {
    fn names_issuer(&self, token: &str) -> bool {
        token.len() <= MAX_TOKEN_BYTES && jws::issuer(token).is_some_and(|issuer| issuer == self.expected.issuer)
    }

    async fn verify(&self, token: &str, now: Timestamp) -> Result<ExternalClaims, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::Invalid);
        }
        let whole = fingerprint(token);
        if let Some(claims) = self.jwks.current(now).and_then(|keys| self.cached(&whole, &keys)) {
            return if claims.expires_at <= now { Err(TokenError::Expired) } else { Ok(claims) };
        }

        let jws = Jws::parse(token).ok_or(TokenError::Invalid)?;
        let claims = jws.claims(&self.expected, now).ok_or(TokenError::Invalid)?;
        let is_expired = claims.expires_at <= now;
        // For an expired token no new keys are fetched.
        let keys = self.jwks.keys(now, |keys| is_expired || keys.has_named(&jws.header)).await?;
        let key = keys.find(&jws.header).ok_or(TokenError::Invalid)?;
        if !key.verifies(jws.message, &jws.signature) {
            return Err(TokenError::Invalid);
        }
        if is_expired {
            return Err(TokenError::Expired);
        }
        // A hash of the signed part, as each ECDSA signature has a twin that is valid too.
        let token_id = TokenId::new(format!("ext:{}", URL_SAFE_NO_PAD.encode(fingerprint(jws.message))));
        let IdentityClaims { identity, issued_at, expires_at } = claims;
        let claims = ExternalClaims { identity, token_id, issued_at, expires_at };
        self.verified.insert(whole, Verified { keys, claims: claims.clone() });
        Ok(claims)
    }
}

#[cfg(test)]
mod tests;
