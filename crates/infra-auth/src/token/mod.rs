//! Issues and verifies tokens: JWT (RFC 7519), signed (RFC 7515), access tokens in the form of RFC 9068, checked as RFC
//! 8725 advises.
//!
//! Verification checks in this order: signature, expiry, revocation. The signature is checked and storage asked for the
//! first request with an access token. Afterwards the token is cached by its SHA-256, as these checks cost more than
//! the rest of a request. The blocklist is read each time.

mod claims;

use crate::{
    keys::{KeyRing, VerificationKey},
    memory::{Fingerprint, Known, TokenMemory},
    metrics::CacheMeter,
};
use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use claims::{Claims, Kind};
use fasttrack_domain::{
    Timestamp,
    ports::{
        revocation::RevocationRepository,
        token::{SigningError, TokenIssuer, TokenPair, TokenVerifier},
    },
    session::RefreshGrant,
    token::{AccessClaims, AccessGrant, RefreshClaims, SecretToken, TokenError, TokenId, TokenSource},
};
use jsonwebtoken::{Header, Validation, decode, decode_header, encode};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// A longer token is refused unread. Tokens of this service are below 1 KiB.
pub(crate) const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Keys, claims and lifetimes of tokens.
#[derive(Clone, Debug)]
pub struct JwtConfig {
    pub keys: KeyRing,
    /// Signed as the `iss` claim, and required of every token.
    pub issuer: String,
    /// Signed as the `aud` claim, and required of every token.
    pub audience: String,
    /// The lifetime of access tokens in whole seconds.
    pub access_lifetime: Duration,
    /// The lifetime of refresh tokens in whole seconds.
    pub refresh_lifetime: Duration,
}

// @spec SPEC-001
// @decision DEC-0004
/// Issues and verifies JWT.
pub struct JwtTokens {
    config: JwtConfig,
    memory: Arc<TokenMemory>,
    storage: Arc<dyn RevocationRepository>,
    lookups: CacheMeter,
}

impl JwtTokens {
    /// Creates an issuer and verifier. `storage` confirms the tokens that `memory` has not cached.
    pub fn new(config: JwtConfig, memory: Arc<TokenMemory>, storage: Arc<dyn RevocationRepository>) -> Self {
        Self { config, memory, storage, lookups: CacheMeter::new() }
    }

    /// Checks the revocation of a token: by the blocklist only, as long as it is up to date.
    async fn check(&self, claims: &AccessClaims, now: Timestamp) -> Result<(), TokenError> {
        match self.memory.check(claims) {
            Err(TokenError::Unavailable) => self.confirm(claims, now).await.and_then(require_valid),
            checked => checked,
        }
    }

    /// Whether storage confirms the token.
    async fn confirm(&self, claims: &AccessClaims, now: Timestamp) -> Result<bool, TokenError> {
        self.storage.confirms(claims.clone(), now).await.map_err(|_| TokenError::Unavailable)
    }

    /// Verifies a token that isn't cached.
    async fn verify_new(
        &self,
        token: &str,
        fingerprint: Fingerprint,
        now: Timestamp,
    ) -> Result<AccessClaims, TokenError> {
        let claims = self.genuine_access(token).ok_or(TokenError::Invalid)?;
        if claims.expires_at <= now {
            return Err(TokenError::Expired);
        }
        // Storage is asked once, however many requests arrive with a new token at once.
        let _guard = match self.memory.known_or_guard(&fingerprint).await {
            Ok(known) => return self.verify_known(known, now).await,
            Err(guard) => guard,
        };
        loop {
            let generation = self.memory.generation();
            if self.memory.check(&claims) == Err(TokenError::Revoked) {
                return Err(TokenError::Revoked);
            }
            let is_confirmed = self.confirm(&claims, now).await?;
            // Entries are removed once a minute, so that storage is asked twice at most.
            if let Some(is_good) = self.memory.remember(fingerprint, &claims, is_confirmed, generation) {
                return require_valid(is_good).map(|()| claims);
            }
        }
    }

    /// Checks a cached token again.
    async fn verify_known(&self, known: Known, now: Timestamp) -> Result<AccessClaims, TokenError> {
        require_valid(!known.is_revoked)?;
        self.check(&known.claims, now).await?;
        Ok(known.claims)
    }

    fn sign(&self, claims: &Claims) -> Result<SecretToken, SigningError> {
        let (key, encoding) = self.config.keys.signing();
        let header = header(key, claims.kind.header_type());
        encode(&header, claims, encoding).map(SecretToken::new).map_err(|error| SigningError(error.into()))
    }

    /// Returns the claims of a token that this service signed with this header type, also if it has expired.
    fn genuine(&self, token: &str, header_type: &str) -> Option<Claims> {
        let found = decode_header(token).ok()?;
        let key = self.config.keys.find(found.kid.as_deref()?)?;
        // Tokens of this service have these three members: no other algorithm, no key of the token's own choice (`jwk`,
        // `jku`, `x5u`, `x5c`), and no unknown extension (`crit`).
        if found != header(key, header_type) {
            return None;
        }
        let mut validation = Validation::new(key.algorithm().into());
        validation.required_spec_claims.clear();
        // The audience is checked below and the expiry by the callers, with the clock that is passed in.
        validation.validate_aud = false;
        validation.validate_exp = false;
        let claims = decode::<Claims>(token, key.decoding(), &validation).ok()?.claims;
        (claims.iss == self.config.issuer && claims.aud == self.config.audience).then_some(claims)
    }

    fn genuine_access(&self, token: &str) -> Option<AccessClaims> {
        let claims = self.genuine(token, Kind::ACCESS_HEADER)?;
        let Kind::Access { role, epoch, .. } = claims.kind else { return None };
        Some(AccessClaims {
            user_id: claims.sub.parse().ok()?,
            role,
            source: TokenSource::Session(claims.sid.parse().ok()?),
            token_id: TokenId::new(claims.jti),
            epoch,
            issued_at: at(claims.iat)?,
            expires_at: at(claims.exp)?,
            user_key: claims.ukey,
            session_key: claims.skey,
        })
    }

    fn genuine_refresh(&self, token: &str) -> Option<RefreshClaims> {
        let claims = self.genuine(token, Kind::REFRESH_HEADER)?;
        let Kind::Refresh = claims.kind else { return None };
        Some(RefreshClaims {
            user_id: claims.sub.parse().ok()?,
            session_id: claims.sid.parse().ok()?,
            session_key: claims.skey,
            token_id: TokenId::new(claims.jti),
            expires_at: at(claims.exp)?,
        })
    }

    fn claims(&self, grant: &AccessGrant, id: &TokenId, now: Timestamp, exp: i64, kind: Kind) -> Claims {
        Claims {
            iss: self.config.issuer.clone(),
            aud: self.config.audience.clone(),
            sub: grant.user_id.to_string(),
            sid: grant.session_id.to_string(),
            jti: id.as_str().to_owned(),
            iat: now.timestamp(),
            exp,
            ukey: Some(grant.user_key),
            skey: Some(grant.session_key),
            kind,
        }
    }
}

impl TokenIssuer for JwtTokens {
    fn grant_refresh(&self, now: Timestamp) -> RefreshGrant {
        let expires_at = at(after(now, self.config.refresh_lifetime)).unwrap_or(Timestamp::MAX_UTC);
        RefreshGrant { token_id: new_id(), expires_at }
    }

    fn issue(&self, access: &AccessGrant, refresh: &RefreshGrant, now: Timestamp) -> Result<TokenPair, SigningError> {
        let refresh_exp = refresh.expires_at.timestamp();
        let exp = after(now, self.config.access_lifetime).min(refresh_exp);
        let kind = Kind::Access { role: access.role, roles: vec![access.role], epoch: access.epoch };
        Ok(TokenPair {
            access: self.sign(&self.claims(access, &new_id(), now, exp, kind))?,
            refresh: self.sign(&self.claims(access, &refresh.token_id, now, refresh_exp, Kind::Refresh))?,
            expires_in: Duration::from_secs(exp.saturating_sub(now.timestamp()).unsigned_abs()),
        })
    }
}

#[async_trait]
impl TokenVerifier for JwtTokens {
    async fn verify_access(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError> {
        refuse_overlong(token)?;
        let fingerprint = fingerprint(token);
        let Some(known) = self.memory.get(&fingerprint) else {
            self.lookups.misses.increment(1);
            return self.verify_new(token, fingerprint, now).await;
        };
        self.lookups.hits.increment(1);
        if known.claims.expires_at <= now {
            self.memory.forget(&fingerprint);
            return Err(TokenError::Expired);
        }
        self.verify_known(known, now).await
    }

    async fn recheck_access(&self, claims: &AccessClaims, now: Timestamp) -> Result<(), TokenError> {
        if claims.expires_at <= now { Err(TokenError::Expired) } else { self.check(claims, now).await }
    }

    async fn confirm_access(&self, claims: &AccessClaims, now: Timestamp) -> Result<(), TokenError> {
        if claims.expires_at <= now {
            return Err(TokenError::Expired);
        }
        if self.memory.check(claims) == Err(TokenError::Revoked) {
            return Err(TokenError::Revoked);
        }
        self.confirm(claims, now).await.and_then(require_valid)
    }

    fn read_access(&self, token: &str) -> Result<AccessClaims, TokenError> {
        refuse_overlong(token)?;
        self.genuine_access(token).ok_or(TokenError::Invalid)
    }

    fn verify_refresh(&self, token: &str, now: Timestamp) -> Result<RefreshClaims, TokenError> {
        refuse_overlong(token)?;
        let claims = self.genuine_refresh(token).ok_or(TokenError::Invalid)?;
        if claims.expires_at <= now { Err(TokenError::Expired) } else { Ok(claims) }
    }
}

/// The complete header of a token that `key` signs.
fn header(key: &VerificationKey, header_type: &str) -> Header {
    Header { typ: Some(header_type.to_owned()), kid: Some(key.kid().to_owned()), ..Header::new(key.algorithm().into()) }
}

fn require_valid(is_good: bool) -> Result<(), TokenError> {
    if is_good { Ok(()) } else { Err(TokenError::Revoked) }
}

fn refuse_overlong(token: &str) -> Result<(), TokenError> {
    if token.len() > MAX_TOKEN_BYTES { Err(TokenError::Invalid) } else { Ok(()) }
}

/// Computes the cache key of a token.
pub(crate) fn fingerprint(token: impl AsRef<[u8]>) -> Fingerprint {
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(digest(&SHA256, token.as_ref()).as_ref());
    fingerprint
}

fn new_id() -> TokenId {
    TokenId::new(Uuid::new_v4().to_string())
}

fn after(now: Timestamp, lifetime: Duration) -> i64 {
    now.timestamp().saturating_add_unsigned(lifetime.as_secs())
}

fn at(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_timestamp(seconds, 0)
}

#[cfg(test)]
mod tests;
