use super::*;
use chrono::TimeDelta;
use fasttrack_domain::{
    api_token::{Reach, Scopes},
    id::ApiTokenId,
    key::InstanceKey,
    token::{ApiGrant, TokenSource},
    user::Role,
};

fn claims() -> AccessClaims {
    AccessClaims {
        user_id: UserId::new(1),
        role: Role::User,
        source: TokenSource::Session(SessionId::new(2)),
        token_id: TokenId::new("three".to_owned()),
        epoch: 4,
        issued_at: Timestamp::UNIX_EPOCH,
        expires_at: Timestamp::UNIX_EPOCH,
        user_key: Some(InstanceKey::new([7; 16])),
        session_key: Some(InstanceKey::new([8; 16])),
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

/// A revocation of each kind that names the token of [`claims`].
fn ends() -> [Revoked; 3] {
    [
        Revoked::Token(TokenId::new("three".to_owned())),
        Revoked::Session(SessionId::new(2)),
        Revoked::User { id: UserId::new(1), epoch: 5 },
    ]
}

fn block(memory: &TokenMemory, subject: Revoked, until: i64) {
    memory.block(&Revocation { subject, until: at(until) });
}

/// Whether the cached token is valid; `None` if it isn't cached.
fn remembered(memory: &TokenMemory) -> Option<bool> {
    memory.get(&[1; 32]).map(|known| !known.is_revoked && memory.check(&known.claims).is_ok())
}

#[test]
fn an_entry_stays_until_the_latest_moment_that_was_named() {
    let memory = TokenMemory::default();
    for until in [20, 10] {
        for subject in ends() {
            block(&memory, subject, until);
        }
    }
    memory.prune(at(20));
    assert_eq!(memory.len(), 3);
    memory.prune(at(21));
    assert!(memory.is_empty());
}

#[test]
fn outdated_blocklist_is_unavailable() {
    let memory = TokenMemory::default();
    memory.set_outdated(true);
    assert_eq!(memory.check(&claims()), Err(TokenError::Unavailable));
    block(&memory, Revoked::Session(SessionId::new(2)), 0);
    assert_eq!(memory.check(&claims()), Err(TokenError::Revoked));
}

#[test]
fn removed_entry_removes_its_tokens_from_the_cache() {
    for subject in ends() {
        let memory = TokenMemory::default();
        assert_eq!(memory.remember([1; 32], &claims(), true, memory.generation()), Some(true));
        let other =
            AccessClaims { user_id: UserId::new(9), source: TokenSource::Session(SessionId::new(9)), ..claims() };
        let other = AccessClaims { token_id: TokenId::new("nine".to_owned()), ..other };
        assert_eq!(memory.remember([9; 32], &other, true, memory.generation()), Some(true));
        block(&memory, subject.clone(), 10);
        assert_eq!(remembered(&memory), Some(false), "{subject:?}");
        memory.prune(at(11));
        assert!(memory.is_empty(), "{subject:?}");
        assert_eq!(remembered(&memory), None, "{subject:?}");
        assert!(memory.get(&[9; 32]).is_some(), "{subject:?}");
    }
}

#[test]
fn entry_during_a_confirmation_wins() {
    for subject in ends() {
        let memory = TokenMemory::default();
        // Storage confirmed the token before the entry was committed.
        let generation = memory.generation();
        block(&memory, subject.clone(), 10);
        assert_eq!(memory.remember([1; 32], &claims(), true, generation), Some(false), "{subject:?}");
        assert_eq!(remembered(&memory), Some(false), "{subject:?}");
    }
}

#[test]
fn entry_removed_meanwhile_needs_another_confirmation() {
    let memory = TokenMemory::default();
    let generation = memory.generation();
    block(&memory, Revoked::Session(SessionId::new(2)), 10);
    memory.prune(at(11));
    assert_eq!(memory.remember([1; 32], &claims(), true, generation), None);
    assert_eq!(remembered(&memory), None);
}

#[test]
fn refused_token_stays_refused() {
    let memory = TokenMemory::default();
    assert_eq!(memory.remember([1; 32], &claims(), false, memory.generation()), Some(false));
    assert_eq!(remembered(&memory), Some(false));
}

#[test]
fn tokens_are_forgotten_when_an_outage_is_over() {
    let memory = TokenMemory::default();
    assert_eq!(memory.remember([1; 32], &claims(), true, memory.generation()), Some(true));
    memory.set_outdated(false);
    memory.set_outdated(true);
    assert!(memory.get(&[1; 32]).is_some());
    let generation = memory.generation();
    memory.set_outdated(false);
    assert!(memory.get(&[1; 32]).is_none());
    assert_eq!(memory.remember([1; 32], &claims(), true, generation), None);
}

/// Claims of an API token of the same user and epoch, with the same id.
fn api_claims() -> AccessClaims {
    let grant = ApiGrant { id: ApiTokenId::new(5), scopes: Scopes::default(), reach: Reach::All };
    AccessClaims { source: TokenSource::Api(grant), session_key: None, ..claims() }
}

#[test]
fn later_epoch_leaves_an_api_token_undecided() {
    let memory = TokenMemory::default();
    assert_eq!(memory.remember_api_token([1; 32], &api_claims(), memory.generation()), Some(Ok(())));
    assert_eq!(memory.check_api_token(&api_claims()), Some(Ok(())));
    block(&memory, Revoked::User { id: UserId::new(1), epoch: 5 }, 10);
    assert_eq!(memory.check_api_token(&api_claims()), None);
    assert_eq!(memory.remember_api_token([1; 32], &api_claims(), memory.generation()), None);
    let fresh = AccessClaims { epoch: 5, ..api_claims() };
    assert_eq!(memory.remember_api_token([1; 32], &fresh, memory.generation()), Some(Ok(())));
    assert_eq!(memory.check_api_token(&fresh), Some(Ok(())));
}

#[test]
fn outdated_blocklist_leaves_an_api_token_undecided() {
    let memory = TokenMemory::default();
    memory.set_outdated(true);
    assert_eq!(memory.check_api_token(&api_claims()), None);
    block(&memory, Revoked::Token(TokenId::new("three".to_owned())), 10);
    assert_eq!(memory.check_api_token(&api_claims()), Some(Err(TokenError::Revoked)));
}

#[test]
fn revoked_api_token_leaves_the_cache_with_its_entry() {
    let memory = TokenMemory::default();
    let generation = memory.generation();
    assert_eq!(memory.remember_api_token([1; 32], &api_claims(), generation), Some(Ok(())));
    block(&memory, Revoked::Token(TokenId::new("three".to_owned())), 10);
    assert_eq!(memory.check_api_token(&api_claims()), Some(Err(TokenError::Revoked)));
    assert_eq!(memory.remember_api_token([1; 32], &api_claims(), generation), Some(Err(TokenError::Revoked)));
    memory.prune(at(11));
    assert!(memory.get(&[1; 32]).is_none());
    // Storage was read before the entry came, and answers after it went.
    assert_eq!(memory.remember_api_token([1; 32], &api_claims(), generation), None);
}
