//! The life cycle of tokens, and fixtures for the tests of attacks.

use super::*;
use crate::keys::{KeyAlgorithm, SigningKey, generate};
use chrono::TimeDelta;
use fasttrack_domain::{
    id::{SessionId, UserId},
    key::InstanceKey,
    ports::{
        RepositoryError,
        revocation::{Blocklist, MockRevocationRepository, RevocationBatch},
    },
    token::{Revocation, Revoked},
    user::Role,
};
use serde_json::{Value, json};
use std::sync::{
    LazyLock,
    atomic::{AtomicUsize, Ordering},
};

/// Keys of every algorithm; generating an RSA key is slow.
pub(super) static KEYS: LazyLock<[SigningKey; 4]> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let make = |algorithm: KeyAlgorithm| generate(&folder.path().join(algorithm.to_string()), algorithm).unwrap();
    [
        make(KeyAlgorithm::RS256),
        make(KeyAlgorithm::ES256),
        make(KeyAlgorithm::EdDSA),
        SigningKey::from_secret(b"a secret that is long enough for HS256").unwrap(),
    ]
});

pub(super) fn now() -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000, 123_456_000).unwrap()
}

pub(super) fn later(seconds: i64) -> Timestamp {
    now() + TimeDelta::seconds(seconds)
}

pub(super) fn config(keys: KeyRing) -> JwtConfig {
    JwtConfig {
        keys,
        issuer: "https://tasks.example".to_owned(),
        audience: "tasks".to_owned(),
        access_lifetime: Duration::from_mins(15),
        refresh_lifetime: Duration::from_hours(7 * 24),
    }
}

/// Storage with a fixed answer.
pub(super) fn storage(answer: Option<bool>) -> Arc<MockRevocationRepository> {
    let mut storage = MockRevocationRepository::new();
    storage.expect_confirms().returning(move |_, _| answer.ok_or_else(|| RepositoryError::Unavailable("away".into())));
    Arc::new(storage)
}

/// Storage with a fixed answer that must be asked this many times.
fn asked(times: usize, answer: Option<bool>) -> Arc<MockRevocationRepository> {
    let mut storage = MockRevocationRepository::new();
    storage
        .expect_confirms()
        .times(times)
        .withf(|claims, _| claims.user_id == UserId::new(7) && claims.session_id() == Some(SessionId::new(-3)))
        .returning(move |_, _| answer.ok_or_else(|| RepositoryError::Unavailable("away".into())));
    Arc::new(storage)
}

pub(super) fn tokens_with(key: &SigningKey) -> JwtTokens {
    JwtTokens::new(config(KeyRing::new(key.clone(), [])), Arc::default(), storage(Some(true)))
}

fn remembering(memory: &Arc<TokenMemory>, storage: Arc<MockRevocationRepository>) -> JwtTokens {
    JwtTokens::new(config(KeyRing::new(KEYS[2].clone(), [])), Arc::clone(memory), storage)
}

pub(super) const USER_KEY: InstanceKey = InstanceKey::new([0xab; InstanceKey::LENGTH]);
pub(super) const SESSION_KEY: InstanceKey = InstanceKey::new([0xcd; InstanceKey::LENGTH]);

fn grant() -> AccessGrant {
    AccessGrant {
        user_id: UserId::new(7),
        user_key: USER_KEY,
        role: Role::Admin,
        session_id: SessionId::new(-3),
        session_key: SESSION_KEY,
        epoch: 2,
    }
}

pub(super) fn issue(tokens: &JwtTokens) -> TokenPair {
    tokens.issue(&grant(), &tokens.grant_refresh(now()), now()).unwrap()
}

pub(super) async fn access(tokens: &JwtTokens, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError> {
    tokens.verify_access(token, now).await
}

fn part(token: &SecretToken, index: usize) -> Value {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let part = token.expose().split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn granted_claims_are_verified_for_each_algorithm() {
    for key in &*KEYS {
        let tokens = tokens_with(key);
        let refresh = tokens.grant_refresh(now());
        let grant = grant();
        let pair = tokens.issue(&grant, &refresh, now()).unwrap();
        assert_eq!(pair.expires_in, Duration::from_mins(15));

        let claims = access(&tokens, pair.access.expose(), now()).await.unwrap();
        let said = AccessGrant {
            user_id: claims.user_id,
            user_key: claims.user_key.unwrap(),
            role: claims.role,
            session_id: claims.session_id().unwrap(),
            session_key: claims.session_key.unwrap(),
            epoch: claims.epoch,
        };
        assert_eq!(said, grant);
        assert_eq!(claims.issued_at.timestamp(), now().timestamp());
        assert_eq!(claims.expires_at.timestamp(), now().timestamp() + 900);
        assert_ne!(claims.token_id, refresh.token_id);

        let claims = tokens.verify_refresh(pair.refresh.expose(), now()).unwrap();
        let RefreshGrant { token_id, expires_at } = refresh;
        let (user_id, session_id, session_key) = (grant.user_id, grant.session_id, Some(SESSION_KEY));
        let expected = RefreshClaims { user_id, session_id, session_key, token_id, expires_at };
        assert_eq!(claims, expected);
    }
}

#[test]
fn tokens_have_the_documented_claims() {
    for key in &*KEYS {
        let pair = issue(&tokens_with(key));
        let (alg, kid) = (key.algorithm().to_string(), key.kid());
        assert_eq!(part(&pair.access, 0), json!({ "alg": alg, "kid": kid, "typ": "at+jwt" }));
        assert_eq!(part(&pair.refresh, 0), json!({ "alg": alg, "kid": kid, "typ": "JWT" }));

        let mut claims = part(&pair.access, 1);
        let jti = claims.as_object_mut().unwrap().remove("jti").unwrap();
        assert_eq!(Uuid::parse_str(jti.as_str().unwrap()).unwrap().get_version_num(), 4);
        let expected = json!({
            "iss": "https://tasks.example", "aud": "tasks", "sub": "7", "sid": "-3", "role": "admin",
            "roles": ["admin"], "epoch": 2, "iat": 1_800_000_000, "exp": 1_800_000_900, "type": "access",
            "ukey": "q6urq6urq6urq6urq6urqw", "skey": "zc3Nzc3Nzc3Nzc3Nzc3NzQ",
        });
        assert_eq!(claims, expected);

        let mut claims = part(&pair.refresh, 1);
        claims.as_object_mut().unwrap().remove("jti").unwrap();
        let expected = json!({
            "iss": "https://tasks.example", "aud": "tasks", "sub": "7", "sid": "-3",
            "iat": 1_800_000_000, "exp": 1_800_604_800, "type": "refresh",
            "ukey": "q6urq6urq6urq6urq6urqw", "skey": "zc3Nzc3Nzc3Nzc3Nzc3NzQ",
        });
        assert_eq!(claims, expected);
    }
}

#[tokio::test]
async fn a_token_expires_at_its_second_and_not_before() {
    let tokens = tokens_with(&KEYS[1]);
    let pair = issue(&tokens);
    let exp = |seconds: i64| Timestamp::from_timestamp(1_800_000_000 + seconds, 0).unwrap();
    let before = TimeDelta::microseconds(1);
    for _ in ["verified", "remembered"] {
        assert!(access(&tokens, pair.access.expose(), exp(900) - before).await.is_ok());
    }
    for _ in ["remembered", "verified"] {
        assert_eq!(access(&tokens, pair.access.expose(), exp(900)).await, Err(TokenError::Expired));
    }
    assert_eq!(tokens.memory.known(), 0);
    assert!(tokens.verify_refresh(pair.refresh.expose(), exp(604_800) - before).is_ok());
    assert_eq!(tokens.verify_refresh(pair.refresh.expose(), exp(604_800)), Err(TokenError::Expired));
}

#[tokio::test]
async fn an_access_token_expires_no_later_than_its_refresh_token() {
    let tokens = tokens_with(&KEYS[2]);
    let refresh = RefreshGrant { expires_at: later(90), ..tokens.grant_refresh(now()) };
    let pair = tokens.issue(&grant(), &refresh, now()).unwrap();
    assert_eq!(pair.expires_in, Duration::from_secs(90));
    assert_eq!(part(&pair.access, 1)["exp"], 1_800_000_090);
    assert_eq!(part(&pair.refresh, 1)["exp"], 1_800_000_090);
}

#[tokio::test]
async fn a_revocation_reaches_remembered_tokens() {
    let memory = Arc::new(TokenMemory::default());
    let tokens = remembering(&memory, storage(Some(true)));
    let pair = issue(&tokens);
    let claims = access(&tokens, pair.access.expose(), now()).await.unwrap();
    memory.block(&Revocation { subject: Revoked::Token(claims.token_id), until: later(900) });
    assert_eq!(access(&tokens, pair.access.expose(), now()).await, Err(TokenError::Revoked));
    assert_eq!(access(&tokens, pair.access.expose(), later(900)).await, Err(TokenError::Expired));

    let other = issue(&tokens);
    assert!(access(&tokens, other.access.expose(), now()).await.is_ok());
    memory.block(&Revocation { subject: Revoked::User { id: UserId::new(7), epoch: 3 }, until: later(900) });
    assert_eq!(access(&tokens, other.access.expose(), now()).await, Err(TokenError::Revoked));
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
async fn an_expired_token_can_be_read_and_a_forged_one_can_not() {
    let tokens = tokens_with(&KEYS[1]);
    let pair = issue(&tokens);
    let claims = access(&tokens, pair.access.expose(), now()).await.unwrap();
    assert_eq!(tokens.read_access(pair.access.expose()), Ok(claims));
    for wrong in [pair.refresh.expose(), &pair.access.expose()[1..], issue(&tokens_with(&KEYS[0])).access.expose()] {
        assert_eq!(tokens.read_access(wrong), Err(TokenError::Invalid));
    }
}

#[tokio::test]
async fn only_verified_access_tokens_are_cached_up_to_capacity() {
    let ring = KeyRing::new(KEYS[3].clone(), []);
    let tokens = JwtTokens::new(config(ring), Arc::new(TokenMemory::new(10)), storage(Some(true)));
    let pair = issue(&tokens);
    assert!(tokens.verify_refresh(pair.refresh.expose(), now()).is_ok());
    for refused in [pair.refresh.expose(), "garbage", &pair.access.expose()[1..]] {
        assert_eq!(access(&tokens, refused, now()).await, Err(TokenError::Invalid));
    }
    assert_eq!(access(&tokens, pair.access.expose(), later(900)).await, Err(TokenError::Expired));
    assert_eq!(tokens.memory.known(), 0);
    for _ in 0..200 {
        assert!(access(&tokens, issue(&tokens).access.expose(), now()).await.is_ok());
    }
    assert!((1..=32).contains(&tokens.memory.known()), "{}", tokens.memory.known());
}

#[tokio::test]
async fn former_signing_key_verifies_while_configured() {
    let (old, new) = (&KEYS[0], &KEYS[1]);
    let pair = issue(&tokens_with(old));
    let ring = KeyRing::new(new.clone(), [old.verification().clone()]);
    let rotated = JwtTokens::new(config(ring), Arc::default(), storage(Some(true)));
    assert!(access(&rotated, pair.access.expose(), now()).await.is_ok());
    assert!(rotated.verify_refresh(pair.refresh.expose(), now()).is_ok());
    assert_eq!(part(&issue(&rotated).access, 0)["kid"], new.kid());

    let retired = tokens_with(new);
    assert_eq!(access(&retired, pair.access.expose(), now()).await, Err(TokenError::Invalid));
    assert_eq!(retired.verify_refresh(pair.refresh.expose(), now()), Err(TokenError::Invalid));
}

#[tokio::test]
async fn access_and_refresh_tokens_are_not_interchangeable() {
    for key in &*KEYS {
        let tokens = tokens_with(key);
        let pair = issue(&tokens);
        for when in [now(), later(1_000_000)] {
            assert_eq!(access(&tokens, pair.refresh.expose(), when).await, Err(TokenError::Invalid));
            assert_eq!(tokens.verify_refresh(pair.access.expose(), when), Err(TokenError::Invalid));
        }
    }
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
    let claims = access(&tokens, issue(&tokens).access.expose(), now()).await.unwrap();
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
