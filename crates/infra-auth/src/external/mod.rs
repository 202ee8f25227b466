//! Tokens of another issuer: JWT that a server like Better Auth signs, checked as RFC 8725 advises against the keys
//! that it publishes (RFC 7517).
//!
//! A token that can't be good, whatever its signature, is refused before any key is looked for: nobody makes us fetch
//! keys by garbage. What is left names its key by `kid`; an unknown one may have been made since we last looked, which
//! [`Policy`] bounds.

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
    identity::ExternalClaims,
    ports::identity::ExternalVerifier,
    token::{TokenError, TokenId},
};
use fetch::Fetcher;
use jwks::Jwks;
use jws::{Expected, Jws};
use key::KeySet;
use quick_cache::sync::Cache;
use std::sync::Arc;

/// Whose tokens are taken.
#[derive(Clone, Debug)]
pub struct ExternalConfig {
    /// Where the issuer publishes its keys.
    pub jwks_url: JwksUrl,
    /// `iss`.
    pub issuer: String,
    /// What `aud` is, or has in it.
    pub audience: String,
    /// How often the issuer may be asked.
    pub policy: Policy,
    /// How many verified tokens are remembered.
    pub cache_capacity: usize,
}

// @spec SPEC-014
/// Checks tokens of one other issuer.
pub struct ExternalTokens {
    expected: Expected,
    jwks: Arc<Jwks>,
    verified: Cache<[u8; 32], Verified>,
}

/// A genuine token, and the keys that prove it: with other keys it is proven again.
#[derive(Clone)]
struct Verified {
    keys: Arc<KeySet>,
    claims: ExternalClaims,
}

impl ExternalTokens {
    /// Tokens as `config` says. Fetches nothing yet.
    pub fn new(config: ExternalConfig) -> Result<Self, SetupError> {
        let ExternalConfig { jwks_url, issuer, audience, policy, cache_capacity } = config;
        Ok(Self {
            expected: Expected { issuer, audience },
            jwks: Arc::new(Jwks::new(Fetcher::new(jwks_url, policy.timeout)?, policy)),
            verified: Cache::new(cache_capacity),
        })
    }

    fn remembered(&self, fingerprint: &[u8; 32], keys: &Arc<KeySet>) -> Option<ExternalClaims> {
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
        if let Some(claims) = self.jwks.current(now).and_then(|keys| self.remembered(&whole, &keys)) {
            return if claims.expires_at <= now { Err(TokenError::Expired) } else { Ok(claims) };
        }

        let jws = Jws::parse(token).ok_or(TokenError::Invalid)?;
        let said = jws.claims(&self.expected, now).ok_or(TokenError::Invalid)?;
        let is_expired = said.expires_at <= now;
        // An expired token is worth no look at keys that may have come since.
        let keys = self.jwks.keys(now, |keys| is_expired || keys.knows(&jws.header)).await?;
        let key = keys.find(&jws.header).ok_or(TokenError::Invalid)?;
        if !key.is_signature(jws.message, &jws.signature) {
            return Err(TokenError::Invalid);
        }
        if is_expired {
            return Err(TokenError::Expired);
        }
        // Of what is signed: to one ECDSA signature there is another that is as good.
        let token_id = TokenId::new(format!("ext:{}", URL_SAFE_NO_PAD.encode(fingerprint(jws.message))));
        let claims = ExternalClaims { identity: said.identity, token_id, expires_at: said.expires_at };
        self.verified.insert(whole, Verified { keys, claims: claims.clone() });
        Ok(claims)
    }
}

#[cfg(test)]
mod tests;
