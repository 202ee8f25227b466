//! The cache of verified access tokens, and the in-memory blocklist.

use crate::metrics::BlocklistMeter;
use fasttrack_domain::{
    Timestamp,
    id::{SessionId, UserId},
    ports::revocation::Blocklist,
    revocation::{Revocation, Revoked},
    token::{AccessClaims, TokenError, TokenId},
};
use quick_cache::sync::Cache;
use std::{
    collections::HashMap,
    sync::{
        PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, Ordering},
    },
};

/// The cache key of a token: the SHA-256 of its compact form.
pub(crate) type Fingerprint = [u8; 32];

/// The default number of cached tokens, at about 350 bytes each.
const CAPACITY: usize = 10_000;

// @spec SPEC-001
// @decision DEC-0004
/// The cache of access tokens that storage confirmed, and a copy of the blocklist that every verification reads. A
/// [`BlocklistFollower`](crate::follower::BlocklistFollower) adds the revocations of other processes.
///
/// Storage decides whether a token is valid when a node verifies it for the first time. The blocklist only invalidates
/// cached tokens. So an entry can be removed at any time without making a token valid again: the tokens that it names
/// leave the cache first, and storage is asked again.
#[derive(Debug)]
pub struct TokenMemory {
    entries: RwLock<Entries>,
    known: Cache<Fingerprint, Known>,
    outdated: AtomicBool,
    meter: BlocklistMeter,
}

/// A genuine token, and the decision of storage about it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) claims: AccessClaims,
    /// A revoked token stays revoked.
    pub(crate) is_revoked: bool,
}

/// The entries of the blocklist, with the time until which they are needed.
#[derive(Debug, Default)]
struct Entries {
    tokens: HashMap<TokenId, Timestamp>,
    sessions: HashMap<SessionId, Timestamp>,
    /// The first number is the first valid epoch.
    users: HashMap<UserId, (i64, Timestamp)>,
    /// The number of times that entries were removed. A decision of storage from before may be outdated by one of them.
    generation: u64,
}

impl Entries {
    fn revokes(&self, claims: &AccessClaims) -> bool {
        self.tokens.contains_key(&claims.token_id)
            || claims.session_id().is_some_and(|id| self.sessions.contains_key(&id))
            || self.users.get(&claims.user_id).is_some_and(|(epoch, _)| claims.epoch < *epoch)
    }

    fn has_expired(&self, now: Timestamp) -> bool {
        let users = self.users.values().map(|(_, until)| until);
        self.tokens.values().chain(self.sessions.values()).chain(users).any(|until| *until < now)
    }

    fn drop_expired(&mut self, now: Timestamp) {
        self.tokens.retain(|_, until| *until >= now);
        self.sessions.retain(|_, until| *until >= now);
        self.users.retain(|_, (_, until)| *until >= now);
    }
}

impl Default for TokenMemory {
    fn default() -> Self {
        Self::new(CAPACITY)
    }
}

impl TokenMemory {
    /// Creates an empty cache for this number of tokens.
    pub fn new(capacity: usize) -> Self {
        Self {
            entries: RwLock::default(),
            known: Cache::new(capacity),
            outdated: AtomicBool::default(),
            meter: BlocklistMeter::new(),
        }
    }

    /// Checks the blocklist. [`TokenError::Revoked`] if the token, its session or its epoch is on it;
    /// [`TokenError::Unavailable`] if the copy may lack entries.
    pub fn check(&self, claims: &AccessClaims) -> Result<(), TokenError> {
        if self.read().revokes(claims) {
            Err(TokenError::Revoked)
        } else if self.outdated.load(Ordering::Relaxed) {
            Err(TokenError::Unavailable)
        } else {
            Ok(())
        }
    }

    /// Checks the cached claims of an API token. `None` if storage must be read again: unlike the claims of other tokens
    /// they aren't signed, so that the token outlasts a new epoch of its user.
    pub(crate) fn check_api_token(&self, claims: &AccessClaims) -> Option<Result<(), TokenError>> {
        let entries = self.read();
        if entries.tokens.contains_key(&claims.token_id) {
            return Some(Err(TokenError::Revoked));
        }
        let is_current = !entries.revokes(claims) && !self.outdated.load(Ordering::Relaxed);
        is_current.then_some(Ok(()))
    }

    /// Updates the gauges.
    pub fn observe(&self) {
        self.meter.entries.set(u32::try_from(self.len()).unwrap_or(u32::MAX));
        self.meter.outdated.set(u8::from(self.outdated.load(Ordering::Relaxed)));
    }

    /// Removes entries that ended before `now`, after the cached tokens that they name.
    pub fn prune(&self, now: Timestamp) {
        {
            let entries = self.read();
            if !entries.has_expired(now) {
                return;
            }
            // No such token is cached meanwhile: `remember` checks the same entries.
            self.known.retain(|_, known| known.is_revoked || !entries.revokes(&known.claims));
        }
        let mut entries = self.write();
        entries.drop_expired(now);
        entries.generation += 1;
    }

    /// The number of blocklist entries.
    pub fn len(&self) -> usize {
        let entries = self.read();
        entries.tokens.len() + entries.sessions.len() + entries.users.len()
    }

    /// Whether the blocklist is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sets whether the copy may lack revocations of other processes. When it no longer does, the cache is cleared: an
    /// entry may have been added to the table and removed meanwhile.
    pub(crate) fn set_outdated(&self, outdated: bool) {
        if !outdated && self.outdated.load(Ordering::Relaxed) {
            self.forget_tokens();
        }
        self.outdated.store(outdated, Ordering::Relaxed);
    }

    pub(crate) fn get(&self, fingerprint: &Fingerprint) -> Option<Known> {
        self.known.get(fingerprint)
    }

    /// Waits while another task asks storage about a token. Returns the cached token, or a guard for asking storage:
    /// other tasks wait until it is dropped.
    pub(crate) async fn known_or_guard(&self, fingerprint: &Fingerprint) -> Result<Known, impl Send> {
        match self.known.get_value_or_guard_async(fingerprint).await {
            // The former owner of the guard may have cached the token.
            Err(guard) => self.get(fingerprint).ok_or(guard),
            known => known,
        }
    }

    pub(crate) fn forget(&self, fingerprint: &Fingerprint) {
        self.known.remove(fingerprint);
    }

    /// Returns the number to pass to [`remember`](Self::remember). It must be read before storage is asked.
    pub(crate) fn generation(&self) -> u64 {
        self.read().generation
    }

    /// Caches the decision of storage about a token, unless the blocklist names it by now. Returns whether the token is
    /// valid; `None` if storage must be asked again, as entries were removed meanwhile.
    pub(crate) fn remember(
        &self,
        fingerprint: Fingerprint,
        claims: &AccessClaims,
        is_confirmed: bool,
        generation: u64,
    ) -> Option<bool> {
        // The lock is held until the token is cached, so that a later entry finds it there.
        let entries = self.read();
        if entries.generation != generation {
            return None;
        }
        let is_good = is_confirmed && !entries.revokes(claims);
        self.known.insert(fingerprint, Known { claims: claims.clone(), is_revoked: !is_good });
        Some(is_good)
    }

    /// Caches claims that storage has of an API token, unless the blocklist names the token by now. `None` if storage must
    /// be read again, as entries were removed meanwhile, or the claims are older than the user's latest epoch.
    pub(crate) fn remember_api_token(
        &self,
        fingerprint: Fingerprint,
        claims: &AccessClaims,
        generation: u64,
    ) -> Option<Result<(), TokenError>> {
        // The lock is held until the token is cached, so that a later entry finds it there.
        let entries = self.read();
        if entries.tokens.contains_key(&claims.token_id) {
            return Some(Err(TokenError::Revoked));
        }
        if entries.generation != generation || entries.revokes(claims) {
            return None;
        }
        self.known.insert(fingerprint, Known { claims: claims.clone(), is_revoked: false });
        Some(Ok(()))
    }

    fn forget_tokens(&self) {
        self.write().generation += 1;
        self.known.clear();
    }

    #[cfg(test)]
    pub(crate) fn known(&self) -> usize {
        self.known.len()
    }

    fn read(&self) -> RwLockReadGuard<'_, Entries> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Entries> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Blocklist for TokenMemory {
    fn block(&self, revocation: &Revocation) {
        let mut entries = self.write();
        let until = revocation.until;
        // An entry arrives from this process and again from the table, in any order: the stricter one applies.
        match &revocation.subject {
            Revoked::Token(id) => {
                let known = entries.tokens.entry(id.clone()).or_insert(until);
                *known = until.max(*known);
            }
            Revoked::Session(id) => {
                let known = entries.sessions.entry(*id).or_insert(until);
                *known = until.max(*known);
            }
            Revoked::User { id, epoch } => {
                let (first, known) = entries.users.entry(*id).or_insert((*epoch, until));
                *first = (*epoch).max(*first);
                *known = until.max(*known);
            }
        }
    }
}

#[cfg(test)]
mod tests;
