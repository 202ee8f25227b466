//! Confirmation by storage, the cache and the blocklist.

use super::*;
use fasttrack_domain::{
    ports::revocation::{Blocklist, RevocationBatch},
    revocation::{Revocation, Revoked},
};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Expects `times` confirmations, and gives each the same answer.
fn asked(times: usize, answer: Option<bool>) -> Arc<MockRevocationRepository> {
    let mut storage = MockRevocationRepository::new();
    storage
        .expect_confirms()
        .times(times)
        .withf(|claims, _| claims.user_id == UserId::new(7) && claims.session_id() == Some(SessionId::new(-3)))
        .returning(move |_, _| answer.ok_or_else(|| RepositoryError::Unavailable("away".into())));
    Arc::new(storage)
}

fn remembering(memory: &Arc<TokenMemory>, storage: Arc<MockRevocationRepository>) -> JwtTokens {
    JwtTokens::new(config(KeyRing::new(KEYS[2].clone(), [])), Arc::clone(memory), storage)
}

#[tokio::test]
async fn storage_confirms_a_token_once() {
    for (answer, expected, times) in [
        (Some(true), None, 1),
        // A revoked token is final, an unavailable answer is not.
        (Some(false), Some(TokenError::Revoked), 1),
        (None, Some(TokenError::Unavailable), 3),
    ] {
        let tokens = remembering(&Arc::default(), asked(times, answer));
        let pair = issue(&tokens);
        for _ in 0..3 {
            assert_eq!(access(&tokens, pair.access.expose(), now()).await.err(), expected);
        }
        // Storage is not asked about tokens that are forged or expired.
        for when in [now(), later(1_000_000)] {
            assert_eq!(access(&tokens, pair.refresh.expose(), when).await, Err(TokenError::Invalid));
        }
        assert_eq!(access(&tokens, pair.access.expose(), later(900)).await, Err(TokenError::Expired));
    }
}

#[tokio::test]
async fn lost_entry_does_not_revive_a_token() {
    let memory = Arc::new(TokenMemory::default());
    let mut storage = MockRevocationRepository::new();
    storage.expect_confirms().times(1).returning(|_, _| Ok(true));
    storage.expect_confirms().times(1).returning(|_, _| Ok(false));
    let tokens = remembering(&memory, Arc::new(storage));
    let pair = issue(&tokens);
    assert!(access(&tokens, pair.access.expose(), now()).await.is_ok());
    // A slow clock or another token lifetime causes such an entry.
    memory.block(&Revocation { subject: Revoked::User { id: UserId::new(7), epoch: 3 }, until: later(1) });
    memory.prune(later(2));
    assert!(memory.is_empty());
    for _ in 0..2 {
        assert_eq!(access(&tokens, pair.access.expose(), later(3)).await, Err(TokenError::Revoked));
    }
}

#[tokio::test]
async fn revocation_during_a_confirmation_is_kept() {
    let memory = Arc::new(TokenMemory::default());
    let overtaking = Arc::clone(&memory);
    let mut storage = MockRevocationRepository::new();
    storage.expect_confirms().times(1).returning(move |_, _| {
        // The session ends after storage was read.
        overtaking.block(&Revocation::of_session(SessionId::new(-3), now()));
        Ok(true)
    });
    let tokens = remembering(&memory, Arc::new(storage));
    let pair = issue(&tokens);
    assert_eq!(access(&tokens, pair.access.expose(), now()).await, Err(TokenError::Revoked));
    memory.prune(later(100_000));
    assert!(memory.is_empty());
    assert_eq!(access(&tokens, pair.access.expose(), now()).await, Err(TokenError::Revoked));

    // The same, and the entry is removed before storage answers.
    let overtaking = Arc::clone(&memory);
    let mut storage = MockRevocationRepository::new();
    storage.expect_confirms().times(1).returning(move |_, _| {
        overtaking.block(&Revocation::of_session(SessionId::new(-3), now()));
        overtaking.prune(later(100_000));
        Ok(true)
    });
    storage.expect_confirms().times(1).returning(|_, _| Ok(false));
    let tokens = remembering(&memory, Arc::new(storage));
    assert_eq!(access(&tokens, issue(&tokens).access.expose(), now()).await, Err(TokenError::Revoked));
}

#[tokio::test]
async fn storage_decides_while_the_blocklist_is_outdated() {
    for (answer, expected) in
        [(Some(true), None), (Some(false), Some(TokenError::Revoked)), (None, Some(TokenError::Unavailable))]
    {
        let memory = Arc::<TokenMemory>::default();
        let mut storage = MockRevocationRepository::new();
        storage.expect_confirms().times(1).returning(|_, _| Ok(true));
        storage
            .expect_confirms()
            .times(2)
            .returning(move |_, _| answer.ok_or_else(|| RepositoryError::Unavailable("away".into())));
        let tokens = remembering(&memory, Arc::new(storage));
        let pair = issue(&tokens);
        for _ in 0..2 {
            assert!(
                access(&tokens, pair.access.expose(), now()).await.is_ok(),
                "an up-to-date blocklist needs no storage"
            );
        }
        memory.set_outdated(true);
        for _ in 0..2 {
            assert_eq!(access(&tokens, pair.access.expose(), now()).await.err(), expected, "each time");
        }
    }
}

#[tokio::test]
async fn rechecked_token_can_expire_or_be_revoked() {
    let memory = Arc::<TokenMemory>::default();
    let tokens = remembering(&memory, asked(1, Some(true)));
    let pair = issue(&tokens);
    let claims = access(&tokens, pair.access.expose(), now()).await.unwrap();
    let before = claims.expires_at - TimeDelta::microseconds(1);
    assert_eq!(tokens.recheck_access(&claims, before).await, Ok(()));
    assert_eq!(tokens.recheck_access(&claims, claims.expires_at).await, Err(TokenError::Expired));

    memory.block(&Revocation::of_session(claims.session_id().unwrap(), now()));
    for _ in ["rechecked", "confirmed"] {
        assert_eq!(tokens.recheck_access(&claims, before).await, Err(TokenError::Revoked));
        assert_eq!(tokens.recheck_access(&claims, claims.expires_at).await, Err(TokenError::Expired));
        assert_eq!(tokens.confirm_access(&claims, before).await, Err(TokenError::Revoked));
        assert_eq!(tokens.confirm_access(&claims, claims.expires_at).await, Err(TokenError::Expired));
    }
    assert_eq!(access(&tokens, pair.access.expose(), claims.expires_at).await, Err(TokenError::Expired));
}

#[tokio::test]
async fn storage_is_asked_while_outdated_and_for_a_confirmation() {
    let claims = access(&tokens_with(&KEYS[2]), issue(&tokens_with(&KEYS[2])).access.expose(), now()).await.unwrap();
    for (answer, expected) in
        [(Some(true), Ok(())), (Some(false), Err(TokenError::Revoked)), (None, Err(TokenError::Unavailable))]
    {
        let memory = Arc::<TokenMemory>::default();
        let tokens = remembering(&memory, asked(3, answer));
        assert_eq!(tokens.recheck_access(&claims, now()).await, Ok(()));
        assert_eq!(tokens.confirm_access(&claims, now()).await, expected);
        memory.set_outdated(true);
        assert_eq!(tokens.recheck_access(&claims, now()).await, expected);
        assert_eq!(tokens.confirm_access(&claims, now()).await, expected);
        // Storage is not asked about an expired token.
        assert_eq!(tokens.recheck_access(&claims, claims.expires_at).await, Err(TokenError::Expired));
    }
}

/// Storage that answers slowly.
#[derive(Default)]
struct SlowStorage {
    questions: AtomicUsize,
}

#[async_trait]
impl RevocationRepository for SlowStorage {
    async fn since(&self, _: i64) -> Result<RevocationBatch, RepositoryError> {
        unreachable!("a verifier reads no entries")
    }

    async fn create(&self, _: Revocation) -> Result<(), RepositoryError> {
        unreachable!("a verifier makes no entries")
    }

    async fn confirms(&self, _: AccessClaims, _: Timestamp) -> Result<bool, RepositoryError> {
        self.questions.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        Ok(true)
    }

    async fn delete_expired(&self, _: Timestamp) -> Result<u64, RepositoryError> {
        unreachable!("a verifier deletes no entries")
    }
}

#[tokio::test]
async fn storage_is_asked_once_by_many_requests_with_a_new_token() {
    let storage = Arc::<SlowStorage>::default();
    let ring = KeyRing::new(KEYS[2].clone(), []);
    let tokens = JwtTokens::new(config(ring), Arc::default(), storage.clone());
    let (pair, other) = (issue(&tokens), issue(&tokens));
    let [first, second, third] = [&pair, &pair, &other].map(|pair| tokens.verify_access(pair.access.expose(), now()));
    let (first, second, third) = tokio::join!(first, second, third);
    assert_eq!(first, second);
    assert!(third.is_ok() && first.is_ok());
    assert_eq!(storage.questions.load(Ordering::Relaxed), 2, "one for each token");
}
