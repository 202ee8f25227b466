//! Tokens that aren't signed: what they say is their text.

use crate::scheduler::Sim;
use async_trait::async_trait;
use chrono::TimeDelta;
use fasttrack_domain::{
    Timestamp,
    id::{ApiTokenId, SessionId, UserId},
    ports::{
        api_token::ApiTokenRepository,
        revocation::Blocklist,
        secret::SecretSource,
        token::{ApiTokenVerifier, SigningError, TokenIssuer, TokenPair, TokenVerifier},
    },
    revocation::Revocation,
    session::RefreshGrant,
    token::{AccessClaims, AccessGrant, RefreshClaims, SecretToken, TokenError, TokenId},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How long a refresh token is good for: longer than a simulation.
const LIFETIME: TimeDelta = TimeDelta::days(30);

/// Issues and verifies refresh tokens, and looks API tokens up in storage. Clients send no access tokens.
pub(crate) struct PlainTokens {
    pub(crate) sim: Arc<Sim>,
    pub(crate) storage: Arc<dyn ApiTokenRepository>,
    pub(crate) secrets: Arc<dyn SecretSource>,
    pub(crate) uses: Mutex<Vec<(ApiTokenId, Timestamp)>>,
}

impl Blocklist for PlainTokens {
    /// Does nothing, as each token is verified by storage.
    fn block(&self, _: &Revocation) {}
}

impl TokenIssuer for PlainTokens {
    fn grant_refresh(&self, now: Timestamp) -> RefreshGrant {
        let number = u64::from_be_bytes(self.sim.bytes());
        RefreshGrant { token_id: TokenId::new(format!("{number:016x}")), expires_at: now + LIFETIME }
    }

    fn issue(&self, access: &AccessGrant, refresh: &RefreshGrant, _: Timestamp) -> Result<TokenPair, SigningError> {
        let refresh = format!("{} {} {}", access.user_id, access.session_id, refresh.token_id.as_str());
        Ok(TokenPair {
            access: SecretToken::new("access".to_owned()),
            refresh: SecretToken::new(refresh),
            expires_in: Duration::from_mins(15),
        })
    }
}

#[async_trait]
impl TokenVerifier for PlainTokens {
    async fn verify_access(&self, _: &str, _: Timestamp) -> Result<AccessClaims, TokenError> {
        Err(TokenError::Invalid)
    }

    async fn recheck_access(&self, _: &AccessClaims, _: Timestamp) -> Result<(), TokenError> {
        Err(TokenError::Invalid)
    }

    async fn confirm_access(&self, _: &AccessClaims, _: Timestamp) -> Result<(), TokenError> {
        Err(TokenError::Invalid)
    }

    fn read_access(&self, _: &str) -> Result<AccessClaims, TokenError> {
        Err(TokenError::Invalid)
    }

    fn verify_refresh(&self, token: &str, now: Timestamp) -> Result<RefreshClaims, TokenError> {
        let words: Vec<_> = token.split(' ').collect();
        let &[user, session, token] = words.as_slice() else { return Err(TokenError::Invalid) };
        Ok(RefreshClaims {
            user_id: UserId::new(user.parse().map_err(|_| TokenError::Invalid)?),
            session_id: SessionId::new(session.parse().map_err(|_| TokenError::Invalid)?),
            session_key: None,
            token_id: TokenId::new(token.to_owned()),
            expires_at: now + LIFETIME,
        })
    }
}

#[async_trait]
impl ApiTokenVerifier for PlainTokens {
    fn is_api_token(&self, token: &str) -> bool {
        token.starts_with("ft_")
    }

    fn verify_cached(&self, _: &str, _: Timestamp) -> Option<Result<AccessClaims, TokenError>> {
        None
    }

    async fn look_up(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError> {
        let found = self.storage.find(self.secrets.hash(token), now).await;
        let claims = found.map_err(|_| TokenError::Unavailable)?.ok_or(TokenError::Invalid)??;
        if let Some(grant) = claims.api_grant() {
            self.uses.lock().unwrap_or_else(PoisonError::into_inner).push((grant.id, now));
        }
        Ok(claims)
    }

    fn take_uses(&self) -> Vec<(ApiTokenId, Timestamp)> {
        std::mem::take(&mut *self.uses.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn put_back_uses(&self, uses: Vec<(ApiTokenId, Timestamp)>) {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner).extend(uses);
    }
}
