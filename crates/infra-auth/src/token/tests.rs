//! Tokens on their way through life, and what the attacks stand on.

use super::*;
use crate::keys::{KeyAlgorithm, SigningKey, generate};
use chrono::TimeDelta;
use fasttrack_domain::{
    ports::{
        RepositoryError,
        revocation::{Blocklist, MockRevocationRepository},
    },
    token::{Revocation, Revoked},
    user::Role,
};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Keys of every kind; making an RSA key takes a while.
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
        cache_capacity: 100,
    }
}

pub(super) fn tokens_with(key: &SigningKey) -> JwtTokens {
    JwtTokens::new(config(KeyRing::new(key.clone(), [])), Arc::default())
}

pub(super) fn issue(tokens: &JwtTokens) -> TokenPair {
    let access = AccessGrant { user_id: UserId::new(7), role: Role::Admin, session_id: SessionId::new(-3), epoch: 2 };
    tokens.issue(&access, &tokens.grant_refresh(now()), now()).unwrap()
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
async fn what_was_granted_comes_back_whatever_the_algorithm() {
    for key in &*KEYS {
        let tokens = tokens_with(key);
        let refresh = tokens.grant_refresh(now());
        let grant = AccessGrant { user_id: UserId::new(7), role: Role::User, session_id: SessionId::new(3), epoch: 2 };
        let pair = tokens.issue(&grant, &refresh, now()).unwrap();
        assert_eq!(pair.expires_in, Duration::from_mins(15));

        let claims = access(&tokens, pair.access.expose(), now()).await.unwrap();
        let said = AccessGrant {
            user_id: claims.user_id,
            role: claims.role,
            session_id: claims.session_id().unwrap(),
            epoch: claims.epoch,
        };
        assert_eq!(said, grant);
        assert_eq!(claims.expires_at.timestamp(), now().timestamp() + 900);
        assert_ne!(claims.token_id, refresh.token_id);

        let claims = tokens.verify_refresh(pair.refresh.expose(), now()).unwrap();
        let RefreshGrant { token_id, expires_at } = refresh;
        let expected = RefreshClaims { user_id: grant.user_id, session_id: grant.session_id, token_id, expires_at };
        assert_eq!(claims, expected);
    }
}

#[test]
fn tokens_have_the_form_of_the_contract() {
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
        });
        assert_eq!(claims, expected);

        let mut claims = part(&pair.refresh, 1);
        claims.as_object_mut().unwrap().remove("jti").unwrap();
        let expected = json!({
            "iss": "https://tasks.example", "aud": "tasks", "sub": "7", "sid": "-3",
            "iat": 1_800_000_000, "exp": 1_800_604_800, "type": "refresh",
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
    assert_eq!(tokens.verified.len(), 0);
    assert!(tokens.verify_refresh(pair.refresh.expose(), exp(604_800) - before).is_ok());
    assert_eq!(tokens.verify_refresh(pair.refresh.expose(), exp(604_800)), Err(TokenError::Expired));
}

#[tokio::test]
async fn a_revocation_reaches_remembered_tokens_and_expiry_goes_before_it() {
    let blocklist = Arc::new(TokenBlocklist::default());
    let tokens = JwtTokens::new(config(KeyRing::new(KEYS[2].clone(), [])), Arc::clone(&blocklist));
    let pair = issue(&tokens);
    let claims = access(&tokens, pair.access.expose(), now()).await.unwrap();
    blocklist.block(&Revocation { subject: Revoked::Token(claims.token_id), until: later(900) });
    assert_eq!(access(&tokens, pair.access.expose(), now()).await, Err(TokenError::Revoked));
    assert_eq!(access(&tokens, pair.access.expose(), later(900)).await, Err(TokenError::Expired));

    let other = issue(&tokens);
    assert!(access(&tokens, other.access.expose(), now()).await.is_ok());
    blocklist.block(&Revocation { subject: Revoked::User { id: UserId::new(7), epoch: 3 }, until: later(900) });
    assert_eq!(access(&tokens, other.access.expose(), now()).await, Err(TokenError::Revoked));
}

#[tokio::test]
async fn only_access_tokens_that_verified_are_remembered_and_not_more_than_fit() {
    let mut config = config(KeyRing::new(KEYS[3].clone(), []));
    config.cache_capacity = 10;
    let tokens = JwtTokens::new(config, Arc::default());
    let pair = issue(&tokens);
    assert!(tokens.verify_refresh(pair.refresh.expose(), now()).is_ok());
    for refused in [pair.refresh.expose(), "garbage", &pair.access.expose()[1..]] {
        assert_eq!(access(&tokens, refused, now()).await, Err(TokenError::Invalid));
    }
    assert_eq!(access(&tokens, pair.access.expose(), later(900)).await, Err(TokenError::Expired));
    assert_eq!(tokens.verified.len(), 0);
    for _ in 0..200 {
        assert!(access(&tokens, issue(&tokens).access.expose(), now()).await.is_ok());
    }
    assert!((1..=32).contains(&tokens.verified.len()), "{}", tokens.verified.len());
}

#[tokio::test]
async fn a_former_signing_key_verifies_as_long_as_it_is_configured() {
    let (old, new) = (&KEYS[0], &KEYS[1]);
    let pair = issue(&tokens_with(old));
    let rotated = JwtTokens::new(config(KeyRing::new(new.clone(), [old.verification().clone()])), Arc::default());
    assert!(access(&rotated, pair.access.expose(), now()).await.is_ok());
    assert!(rotated.verify_refresh(pair.refresh.expose(), now()).is_ok());
    assert_eq!(part(&issue(&rotated).access, 0)["kid"], new.kid());

    let retired = tokens_with(new);
    assert_eq!(access(&retired, pair.access.expose(), now()).await, Err(TokenError::Invalid));
    assert_eq!(retired.verify_refresh(pair.refresh.expose(), now()), Err(TokenError::Invalid));
}

#[tokio::test]
async fn neither_token_stands_in_for_the_other() {
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
async fn while_the_image_is_outdated_the_table_decides() {
    for (answer, expected) in
        [(Some(false), None), (Some(true), Some(TokenError::Revoked)), (None, Some(TokenError::Unavailable))]
    {
        let blocklist = Arc::<TokenBlocklist>::default();
        let mut table = MockRevocationRepository::new();
        table
            .expect_blocks()
            .times(1)
            .withf(|claims| claims.user_id == UserId::new(7))
            .return_once(move |_| answer.ok_or_else(|| RepositoryError::Unavailable("away".into())));
        let ring = KeyRing::new(KEYS[2].clone(), []);
        let tokens = JwtTokens::new(config(ring), Arc::clone(&blocklist)).asking(Arc::new(table));
        let pair = issue(&tokens);
        assert!(access(&tokens, pair.access.expose(), now()).await.is_ok(), "a current image asks nobody");
        blocklist.set_outdated(true);
        assert_eq!(access(&tokens, pair.access.expose(), now()).await.err(), expected);
    }
}

#[tokio::test]
async fn a_token_that_is_rechecked_expires_at_its_second_and_goes_with_its_revocation() {
    let blocklist = Arc::<TokenBlocklist>::default();
    let tokens = JwtTokens::new(config(KeyRing::new(KEYS[2].clone(), [])), Arc::clone(&blocklist));
    let claims = access(&tokens, issue(&tokens).access.expose(), now()).await.unwrap();
    let before = claims.expires_at - TimeDelta::microseconds(1);
    assert_eq!(tokens.recheck_access(&claims, before).await, Ok(()));
    assert_eq!(tokens.recheck_access(&claims, claims.expires_at).await, Err(TokenError::Expired));

    blocklist.block(&Revocation { subject: Revoked::Session(claims.session_id().unwrap()), until: later(900) });
    assert_eq!(tokens.recheck_access(&claims, before).await, Err(TokenError::Revoked));
    assert_eq!(tokens.recheck_access(&claims, claims.expires_at).await, Err(TokenError::Expired));
}

#[tokio::test]
async fn a_recheck_with_an_outdated_image_asks_the_table_and_without_one_can_not_tell() {
    let (blocklist, ring) = (Arc::<TokenBlocklist>::default(), KeyRing::new(KEYS[2].clone(), []));
    let alone = JwtTokens::new(config(ring.clone()), Arc::clone(&blocklist));
    let claims = access(&alone, issue(&alone).access.expose(), now()).await.unwrap();
    blocklist.set_outdated(true);
    assert_eq!(alone.recheck_access(&claims, now()).await, Err(TokenError::Unavailable));

    for (answer, expected) in
        [(Some(false), Ok(())), (Some(true), Err(TokenError::Revoked)), (None, Err(TokenError::Unavailable))]
    {
        let mut table = MockRevocationRepository::new();
        let asked = claims.clone();
        table
            .expect_blocks()
            .times(1)
            .withf(move |claims| *claims == asked)
            .return_once(move |_| answer.ok_or_else(|| RepositoryError::Unavailable("away".into())));
        let asking = JwtTokens::new(config(ring.clone()), Arc::clone(&blocklist)).asking(Arc::new(table));
        assert_eq!(asking.recheck_access(&claims, now()).await, expected);
        // What has expired is nobody's question any more.
        assert_eq!(asking.recheck_access(&claims, claims.expires_at).await, Err(TokenError::Expired));
    }
}
