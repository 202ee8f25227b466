//! The blocklist of access tokens in memory.

use crate::metrics::BlocklistMeter;
use fasttrack_domain::{
    Timestamp,
    id::{SessionId, UserId},
    ports::revocation::Blocklist,
    token::{AccessClaims, Revocation, Revoked, TokenError, TokenId},
};
use std::{
    collections::HashMap,
    sync::{
        PoisonError, RwLock, RwLockWriteGuard,
        atomic::{AtomicBool, Ordering},
    },
};

// @spec SPEC-001
// @decision DEC-001
/// The image of the table that every verification asks. Follows other processes through a
/// [`BlocklistFollower`](crate::follower::BlocklistFollower).
#[derive(Debug)]
pub struct TokenBlocklist {
    image: RwLock<Image>,
    outdated: AtomicBool,
    meter: BlocklistMeter,
}

impl Default for TokenBlocklist {
    /// With nothing on it.
    fn default() -> Self {
        Self { image: RwLock::default(), outdated: AtomicBool::default(), meter: BlocklistMeter::new() }
    }
}

/// What is blocked, and until when the entry matters.
#[derive(Debug, Default)]
struct Image {
    tokens: HashMap<TokenId, Timestamp>,
    sessions: HashMap<SessionId, Timestamp>,
    /// With the first epoch that is good.
    users: HashMap<UserId, (i64, Timestamp)>,
}

impl TokenBlocklist {
    /// [`TokenError::Revoked`] where the token, its session or its epoch is blocked; [`TokenError::Unavailable`]
    /// where the image is too old to say that it is not.
    pub fn check(&self, claims: &AccessClaims) -> Result<(), TokenError> {
        let image = self.image.read().unwrap_or_else(PoisonError::into_inner);
        let revoked = image.tokens.contains_key(&claims.token_id)
            || claims.session_id().is_some_and(|id| image.sessions.contains_key(&id))
            || image.users.get(&claims.user_id).is_some_and(|(epoch, _)| claims.epoch < *epoch);
        if revoked {
            Err(TokenError::Revoked)
        } else if self.outdated.load(Ordering::Relaxed) {
            Err(TokenError::Unavailable)
        } else {
            Ok(())
        }
    }

    /// Shows how it is right now, to whoever records the crate `metrics`.
    pub fn observe(&self) {
        self.meter.entries.set(u32::try_from(self.len()).unwrap_or(u32::MAX));
        self.meter.outdated.set(u8::from(self.outdated.load(Ordering::Relaxed)));
    }

    /// Forgets entries that ended before `now`.
    pub fn prune(&self, now: Timestamp) {
        let mut image = self.write();
        image.tokens.retain(|_, until| *until >= now);
        image.sessions.retain(|_, until| *until >= now);
        image.users.retain(|_, (_, until)| *until >= now);
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        let image = self.image.read().unwrap_or_else(PoisonError::into_inner);
        image.tokens.len() + image.sessions.len() + image.users.len()
    }

    /// Whether nothing is blocked.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Says whether the image may lack what other processes revoked.
    pub(crate) fn set_outdated(&self, outdated: bool) {
        self.outdated.store(outdated, Ordering::Relaxed);
    }

    fn write(&self) -> RwLockWriteGuard<'_, Image> {
        self.image.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Blocklist for TokenBlocklist {
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
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use fasttrack_domain::{token::TokenSource, user::Role};

    fn claims() -> AccessClaims {
        AccessClaims {
            user_id: UserId::new(1),
            role: Role::User,
            source: TokenSource::Session(SessionId::new(2)),
            token_id: TokenId::new("three".to_owned()),
            epoch: 4,
            expires_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn blocked(subject: Revoked) -> Result<(), TokenError> {
        let list = TokenBlocklist::default();
        list.block(&Revocation { subject, until: Timestamp::UNIX_EPOCH });
        list.check(&claims())
    }

    #[test]
    fn a_token_is_blocked_by_itself_its_session_or_its_epoch_and_nothing_else() {
        assert_eq!(TokenBlocklist::default().check(&claims()), Ok(()));
        let user = |id, epoch| Revoked::User { id: UserId::new(id), epoch };
        let token = |id: &str| Revoked::Token(TokenId::new(id.to_owned()));
        for subject in [token("three"), Revoked::Session(SessionId::new(2)), user(1, 5)] {
            assert_eq!(blocked(subject.clone()), Err(TokenError::Revoked), "{subject:?}");
        }
        for subject in [token("four"), Revoked::Session(SessionId::new(1)), user(1, 4), user(2, 5)] {
            assert_eq!(blocked(subject.clone()), Ok(()), "{subject:?}");
        }
    }

    #[test]
    fn an_older_epoch_never_undoes_a_newer_one() {
        let list = TokenBlocklist::default();
        for epoch in [5, 3] {
            let subject = Revoked::User { id: UserId::new(1), epoch };
            list.block(&Revocation { subject, until: Timestamp::UNIX_EPOCH });
        }
        assert_eq!(list.check(&claims()), Err(TokenError::Revoked));
    }

    #[test]
    fn an_entry_stays_until_the_latest_moment_that_was_named_and_goes_then() {
        let list = TokenBlocklist::default();
        let at = |seconds| Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds);
        for seconds in [20, 10] {
            for subject in [
                Revoked::Token(TokenId::new("three".to_owned())),
                Revoked::Session(SessionId::new(2)),
                Revoked::User { id: UserId::new(1), epoch: 5 },
            ] {
                list.block(&Revocation { subject, until: at(seconds) });
            }
        }
        list.prune(at(20));
        assert_eq!(list.len(), 3);
        list.prune(at(21));
        assert!(list.is_empty());
    }

    #[test]
    fn an_outdated_image_refuses_what_it_can_not_vouch_for() {
        let list = TokenBlocklist::default();
        list.set_outdated(true);
        assert_eq!(list.check(&claims()), Err(TokenError::Unavailable));
        list.block(&Revocation { subject: Revoked::Session(SessionId::new(2)), until: Timestamp::UNIX_EPOCH });
        assert_eq!(list.check(&claims()), Err(TokenError::Revoked));
    }
}
