//! Verifies API tokens. They aren't signed: storage has the hash of each, and what it allows.
//!
//! A text of another form is refused unread. Otherwise storage is read for the first request with a token, as for the
//! access tokens of [`token`](crate::token), whose cache and blocklist this shares. A cached token is decided from memory
//! until the blocklist names it or its user; a later epoch of its user makes storage be read again. Refusals by storage
//! are not cached: a deactivated user may be activated.

pub(crate) mod form;

use crate::{
    memory::{Fingerprint, Known, TokenMemory},
    metrics::CacheMeter,
    token::fingerprint,
};
use async_trait::async_trait;
use fasttrack_domain::{
    Timestamp,
    id::ApiTokenId,
    ports::{api_token::ApiTokenRepository, token::ApiTokenVerifier},
    ticket::SecretHash,
    token::{AccessClaims, TokenError},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Most reads of storage for one token. Blocklist entries are removed once a minute, and an epoch is stored before its
/// entry is on the blocklist, so that the second read usually decides.
const MAX_READS: usize = 3;

// @spec SPEC-024
// @decision DEC-0033
/// Verifies API tokens, and collects their uses.
pub struct ApiTokens {
    memory: Arc<TokenMemory>,
    storage: Arc<dyn ApiTokenRepository>,
    /// The latest use of each token that was used since they were taken.
    uses: Mutex<HashMap<ApiTokenId, Timestamp>>,
    lookups: CacheMeter,
}

impl ApiTokens {
    /// Creates a verifier. `memory` is the cache and blocklist of all tokens; `storage` decides on the tokens that it has
    /// not cached.
    pub fn new(memory: Arc<TokenMemory>, storage: Arc<dyn ApiTokenRepository>) -> Self {
        Self { memory, storage, uses: Mutex::default(), lookups: CacheMeter::new() }
    }

    /// Decides on a cached token; `None` if storage must be read.
    fn check(&self, known: Known, now: Timestamp) -> Option<Result<AccessClaims, TokenError>> {
        if let Err(refusal) = self.memory.check_api_token(&known.claims)? {
            return Some(Err(refusal));
        }
        Some(if known.claims.expires_at <= now { Err(TokenError::Expired) } else { Ok(known.claims) })
    }

    /// The claims of a token that isn't cached, or whose cached claims may be outdated.
    async fn find(&self, fingerprint: Fingerprint, now: Timestamp) -> Result<AccessClaims, TokenError> {
        // Storage is read once, however many requests arrive with a new token at once.
        let _guard = match self.memory.known_or_guard(&fingerprint).await {
            Ok(known) => {
                if let Some(decision) = self.check(known, now) {
                    return decision;
                }
                None
            }
            Err(guard) => Some(guard),
        };
        for _ in 0..MAX_READS {
            let generation = self.memory.generation();
            let found = self.storage.find(SecretHash::new(fingerprint), now).await;
            let claims = found.map_err(|_| TokenError::Unavailable)?.ok_or(TokenError::Invalid)??;
            if let Some(checked) = self.memory.remember_api_token(fingerprint, &claims, generation) {
                return checked.map(|()| claims);
            }
        }
        Err(TokenError::Unavailable)
    }

    fn record_use(&self, claims: &AccessClaims, at: Timestamp) {
        if let Some(grant) = claims.api_grant() {
            add(&mut self.uses(), grant.id, at);
        }
    }

    fn uses(&self) -> MutexGuard<'_, HashMap<ApiTokenId, Timestamp>> {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ApiTokenVerifier for ApiTokens {
    fn is_api_token(&self, token: &str) -> bool {
        token.starts_with(form::PREFIX)
    }

    fn verify_cached(&self, token: &str, now: Timestamp) -> Option<Result<AccessClaims, TokenError>> {
        if !form::is_valid(token) {
            return Some(Err(TokenError::Invalid));
        }
        let decision = self.memory.get(&fingerprint(token)).and_then(|known| self.check(known, now));
        let meter = if decision.is_some() { &self.lookups.hits } else { &self.lookups.misses };
        meter.increment(1);
        if let Some(Ok(claims)) = &decision {
            self.record_use(claims, now);
        }
        decision
    }

    async fn look_up(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError> {
        if !form::is_valid(token) {
            return Err(TokenError::Invalid);
        }
        let claims = self.find(fingerprint(token), now).await?;
        self.record_use(&claims, now);
        Ok(claims)
    }

    fn take_uses(&self) -> Vec<(ApiTokenId, Timestamp)> {
        std::mem::take(&mut *self.uses()).into_iter().collect()
    }

    fn put_back_uses(&self, uses: Vec<(ApiTokenId, Timestamp)>) {
        let mut stored = self.uses();
        for (id, at) in uses {
            add(&mut stored, id, at);
        }
    }
}

/// Adds a use, unless a later one is there.
fn add(uses: &mut HashMap<ApiTokenId, Timestamp>, id: ApiTokenId, at: Timestamp) {
    let latest = uses.entry(id).or_insert(at);
    *latest = at.max(*latest);
}

#[cfg(test)]
mod tests;
