//! What this node remembers of access tokens: those that storage confirmed, and what was revoked.

use crate::metrics::BlocklistMeter;
use fasttrack_domain::{
    Timestamp,
    id::{SessionId, UserId},
    ports::revocation::Blocklist,
    token::{AccessClaims, Revocation, Revoked, TokenError, TokenId},
};
use quick_cache::sync::Cache;
use std::{
    collections::HashMap,
    sync::{
        PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, Ordering},
    },
};

/// What a token is remembered by: the SHA-256 of its compact form.
pub(crate) type Fingerprint = [u8; 32];

/// Tokens that are remembered where nothing else is said, at about 350 bytes each.
const CAPACITY: usize = 10_000;

// @spec SPEC-001
// @decision DEC-001
/// Confirmed tokens, and an image of the blocklist that every verification reads. A
/// [`BlocklistFollower`](crate::follower::BlocklistFollower) adds what other processes revoke.
///
/// Storage decides whether a token is good, when a node meets it first. The blocklist only takes back what was
/// remembered of that. So an entry may go at any time without bringing a token back: what it names is forgotten with it,
/// and storage is asked again.
#[derive(Debug)]
pub struct TokenMemory {
    image: RwLock<Image>,
    known: Cache<Fingerprint, Known>,
    outdated: AtomicBool,
    meter: BlocklistMeter,
}

/// A genuine token, and what storage said about it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) claims: AccessClaims,
    /// No revoked token becomes good again.
    pub(crate) is_revoked: bool,
}

/// What is revoked, and until when the entry matters.
#[derive(Debug, Default)]
struct Image {
    tokens: HashMap<TokenId, Timestamp>,
    sessions: HashMap<SessionId, Timestamp>,
    /// With the first epoch that is good.
    users: HashMap<UserId, (i64, Timestamp)>,
    /// Counts how often entries were dropped: what storage said before may have been revoked by one of them.
    generation: u64,
}

impl Image {
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
    /// Remembers nothing yet, and later so many tokens.
    pub fn new(capacity: usize) -> Self {
        Self {
            image: RwLock::default(),
            known: Cache::new(capacity),
            outdated: AtomicBool::default(),
            meter: BlocklistMeter::new(),
        }
    }

    /// [`TokenError::Revoked`] where the token, its session or its epoch is on the blocklist;
    /// [`TokenError::Unavailable`] where the image is too old to say that it is not.
    pub fn check(&self, claims: &AccessClaims) -> Result<(), TokenError> {
        if self.read().revokes(claims) {
            Err(TokenError::Revoked)
        } else if self.outdated.load(Ordering::Relaxed) {
            Err(TokenError::Unavailable)
        } else {
            Ok(())
        }
    }

    /// Sets the gauges to what is so now.
    pub fn observe(&self) {
        self.meter.entries.set(u32::try_from(self.len()).unwrap_or(u32::MAX));
        self.meter.outdated.set(u8::from(self.outdated.load(Ordering::Relaxed)));
    }

    /// Forgets entries of the blocklist that ended before `now`, and the tokens that they name first.
    pub fn prune(&self, now: Timestamp) {
        {
            let image = self.read();
            if !image.has_expired(now) {
                return;
            }
            // None of these can come back meanwhile: `remember` reads the same image.
            self.known.retain(|_, known| known.is_revoked || !image.revokes(&known.claims));
        }
        let mut image = self.write();
        image.drop_expired(now);
        image.generation += 1;
    }

    /// How many entries the blocklist has.
    pub fn len(&self) -> usize {
        let image = self.read();
        image.tokens.len() + image.sessions.len() + image.users.len()
    }

    /// Whether nothing is on the blocklist.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sets whether the image may lack what other processes revoked. Once it no longer does, every token is forgotten:
    /// an entry may have come to the table and left it meanwhile.
    pub(crate) fn set_outdated(&self, outdated: bool) {
        if !outdated && self.outdated.load(Ordering::Relaxed) {
            self.forget_tokens();
        }
        self.outdated.store(outdated, Ordering::Relaxed);
    }

    pub(crate) fn get(&self, fingerprint: &Fingerprint) -> Option<Known> {
        self.known.get(fingerprint)
    }

    /// Waits until nobody else finds out about a token. What is known of it then, or a guard for whoever finds it out:
    /// others wait until that is dropped.
    pub(crate) async fn known_or_guard(&self, fingerprint: &Fingerprint) -> Result<Known, impl Send> {
        match self.known.get_value_or_guard_async(fingerprint).await {
            // The guard was another's before, who may have found it out.
            Err(guard) => self.get(fingerprint).ok_or(guard),
            known => known,
        }
    }

    pub(crate) fn forget(&self, fingerprint: &Fingerprint) {
        self.known.remove(fingerprint);
    }

    /// To be read before storage is asked, and given to [`remember`](Self::remember) with the answer.
    pub(crate) fn generation(&self) -> u64 {
        self.read().generation
    }

    /// Remembers what storage said about a token, unless the blocklist names it by now. Whether the token is good;
    /// `None` where storage must be asked again, as an entry that arrived since may be gone already.
    pub(crate) fn remember(
        &self,
        fingerprint: Fingerprint,
        claims: &AccessClaims,
        is_confirmed: bool,
        generation: u64,
    ) -> Option<bool> {
        // Held until the token is in: an entry that comes later finds it there.
        let image = self.read();
        if image.generation != generation {
            return None;
        }
        let is_good = is_confirmed && !image.revokes(claims);
        self.known.insert(fingerprint, Known { claims: claims.clone(), is_revoked: !is_good });
        Some(is_good)
    }

    fn forget_tokens(&self) {
        self.write().generation += 1;
        self.known.clear();
    }

    #[cfg(test)]
    pub(crate) fn known(&self) -> usize {
        self.known.len()
    }

    fn read(&self) -> RwLockReadGuard<'_, Image> {
        self.image.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Image> {
        self.image.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Blocklist for TokenMemory {
    fn block(&self, revocation: &Revocation) {
        let mut image = self.write();
        let until = revocation.until;
        // Entries come from here and again from the table, in any order: the stricter wins.
        match &revocation.subject {
            Revoked::Token(id) => {
                let known = image.tokens.entry(id.clone()).or_insert(until);
                *known = until.max(*known);
            }
            Revoked::Session(id) => {
                let known = image.sessions.entry(*id).or_insert(until);
                *known = until.max(*known);
            }
            Revoked::User { id, epoch } => {
                let (first, known) = image.users.entry(*id).or_insert((*epoch, until));
                *first = (*epoch).max(*first);
                *known = until.max(*known);
            }
        }
    }
}

#[cfg(test)]
mod tests;
