//! Claims and life cycle of tokens.

use super::*;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

fn part(token: &SecretToken, index: usize) -> Value {
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
