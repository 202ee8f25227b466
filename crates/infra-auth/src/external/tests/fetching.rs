//! When keys are fetched, and how bad responses are handled.

use super::{
    issuer::{Issuer, KEYS, answer, claims, header, jwk, jwks, sign, token, with},
    *,
};
use serde_json::json;
use std::time::Duration;
use tokio::task::JoinSet;

/// Verifies tokens concurrently and returns all results.
async fn at_once(
    tokens: &Arc<ExternalTokens>,
    given: impl IntoIterator<Item = String>,
    at: Timestamp,
) -> Vec<Result<ExternalClaims, TokenError>> {
    let mut verifications = JoinSet::new();
    for token in given {
        let tokens = Arc::clone(tokens);
        verifications.spawn(async move { tokens.verify(&token, at).await });
    }
    verifications.join_all().await
}

/// Tokens that are genuine except for an unknown `kid`.
fn unknown(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|n| sign(&KEYS[0], &with(header(&KEYS[0]), "kid", json!(format!("unknown-{n}"))), &claims()))
}

/// A token that is valid for years, so that only keys expire.
fn lasting(key: usize) -> String {
    sign(&KEYS[key], &header(&KEYS[key]), &with(claims(), "exp", json!(u64::MAX)))
}

async fn issuer_and_tokens(keys: std::ops::Range<usize>) -> (Issuer, Arc<ExternalTokens>) {
    let issuer = Issuer::of(&KEYS[keys]).await;
    let tokens = Arc::new(tokens_of(&issuer, policy()));
    (issuer, tokens)
}

#[tokio::test]
async fn keys_are_fetched_once_however_many_want_them() {
    let (issuer, tokens) = issuer_and_tokens(0..3).await;
    assert_eq!(issuer.asked(), 0, "not before somebody wants them");
    issuer.open_gate(false);
    let (results, ()) =
        tokio::join!(at_once(&tokens, (0..3).cycle().take(60).map(|n| token(&KEYS[n])), now()), async {
            issuer.is_asked(1).await;
            issuer.open_gate(true);
        });
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(issuer.asked(), 1);
    assert!(tokens.verify(&lasting(0), later(599)).await.is_ok());
    assert_eq!(issuer.asked(), 1, "for ten minutes");
    assert!(tokens.verify(&lasting(0), later(600)).await.is_ok());
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn a_fetch_goes_on_when_the_request_behind_it_is_given_up() {
    let (issuer, tokens) = issuer_and_tokens(0..1).await;
    issuer.open_gate(false);
    let first = tokio::spawn({
        let tokens = Arc::clone(&tokens);
        async move { tokens.verify(&token(&KEYS[0]), now()).await }
    });
    issuer.is_asked(1).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    issuer.open_gate(true);
    assert!(tokens.verify(&token(&KEYS[0]), now()).await.is_ok());
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn unknown_keys_cause_one_fetch_in_half_a_minute() {
    let (issuer, tokens) = issuer_and_tokens(0..1).await;
    tokens.verify(&token(&KEYS[0]), now()).await.unwrap();
    for (at, asked) in [(0, 2), (1, 2), (29, 2), (30, 3), (31, 3)] {
        let results = at_once(&tokens, unknown(50), later(at)).await;
        assert!(results.iter().all(|result| *result == Err(TokenError::Invalid)));
        assert_eq!(issuer.asked(), asked, "after {at} s");
        assert!(tokens.verify(&token(&KEYS[0]), later(at)).await.is_ok());
    }
}

#[tokio::test]
async fn unknown_keys_before_the_first_fetch_cause_one_more() {
    let (issuer, tokens) = issuer_and_tokens(0..1).await;
    at_once(&tokens, unknown(50), now()).await;
    at_once(&tokens, unknown(50), later(29)).await;
    assert!(issuer.asked() <= 2, "{}", issuer.asked());
}

#[tokio::test]
async fn new_keys_work_at_once_and_removed_ones_expire() {
    let (issuer, tokens) = issuer_and_tokens(0..1).await;
    let (old, new) = (lasting(0), lasting(1));
    tokens.verify(&old, now()).await.unwrap();
    issuer.publish(&jwks(&KEYS[0..2]));
    tokens.verify(&new, later(1)).await.unwrap();
    tokens.verify(&old, later(1)).await.unwrap();
    assert_eq!(issuer.asked(), 2);

    issuer.publish(&jwks(&KEYS[1..2]));
    assert!(tokens.verify(&old, later(600)).await.is_ok(), "known until the keys are ten minutes old");
    assert_eq!(refused(&tokens, &old, later(601)).await, TokenError::Invalid, "however often it was good");
    assert!(tokens.verify(&new, later(601)).await.is_ok());
}

#[tokio::test]
async fn simultaneous_tokens_of_a_new_key_are_all_taken() {
    let (issuer, tokens) = issuer_and_tokens(0..1).await;
    tokens.verify(&token(&KEYS[0]), now()).await.unwrap();
    issuer.publish(&jwks(&KEYS[0..2]));
    let results = at_once(&tokens, (0..50).map(|_| token(&KEYS[1])), now()).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn keys_outlive_an_outage_of_their_issuer() {
    let (issuer, tokens) = issuer_and_tokens(0..1).await;
    tokens.verify(&lasting(0), now()).await.unwrap();
    issuer.goes_down();
    // A failed fetch ends after the fixed time of this test, so that its pause is a little longer than five seconds.
    for (round, at) in [3_600, 3_610, 7_200].into_iter().enumerate() {
        let results = at_once(&tokens, (0..50).map(|_| lasting(0)), later(at)).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        issuer.is_asked(round + 2).await;
        tokens.verify(&lasting(0), later(at)).await.unwrap();
        while tokens.jwks.current(later(at)).is_none() {
            tokio::task::yield_now().await;
        }
        tokens.verify(&lasting(0), later(at + 4)).await.unwrap();
        assert_eq!(issuer.asked(), round + 2);
    }
    issuer.publish(&jwks(&KEYS[1..2]));
    // The first request doesn't wait.
    tokens.verify(&lasting(0), later(7_300)).await.unwrap();
    while tokens.jwks.current(later(7_300)).is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(refused(&tokens, &lasting(0), later(7_300)).await, TokenError::Invalid);
    assert!(tokens.verify(&lasting(1), later(7_300)).await.is_ok());
}

#[tokio::test]
async fn slow_issuer_delays_no_request_in_an_outage() {
    let (issuer, tokens) = issuer_and_tokens(0..1).await;
    tokens.verify(&lasting(0), now()).await.unwrap();
    issuer.goes_down();
    tokens.verify(&lasting(0), later(3_600)).await.unwrap();
    issuer.open_gate(false);
    for _ in 0..10 {
        tokens.verify(&lasting(0), later(3_610)).await.unwrap();
    }
    issuer.is_asked(3).await;
    assert_eq!(issuer.asked(), 3);
}

#[tokio::test]
async fn without_keys_verification_is_unavailable() {
    let (issuer, tokens) = issuer_and_tokens(0..1).await;
    issuer.goes_down();
    for at in [0, 1, 4] {
        let results = at_once(&tokens, (0..20).map(|_| token(&KEYS[0])), later(at)).await;
        assert!(results.iter().all(|result| *result == Err(TokenError::Unavailable)), "{results:?}");
        assert_eq!(issuer.asked(), 1);
    }
    issuer.publish(&jwks(&KEYS[0..1]));
    assert!(tokens.verify(&token(&KEYS[0]), later(10)).await.is_ok());
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn silent_issuer_times_out() {
    let issuer = Issuer::of(&KEYS[0..1]).await;
    issuer.open_gate(false);
    let tokens = tokens_of(&issuer, Policy { timeout: Duration::from_millis(50), ..policy() });
    assert_eq!(refused(&tokens, &token(&KEYS[0]), now()).await, TokenError::Unavailable);
}

#[tokio::test]
async fn invalid_key_set_keeps_the_known_keys() {
    let elsewhere = Issuer::of(&KEYS[0..2]).await;
    let good = jwks(&KEYS[0..2]).to_string();
    let padding = " ".repeat(256 * 1024);
    let many = json!({ "keys": vec![jwk(&KEYS[0]); 101] }).to_string();
    let redirect = |status: &str| {
        format!("HTTP/1.1 {status}\r\nlocation: {}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", elsewhere.url())
    };
    for bad in [
        String::new(),
        "garbage".to_owned(),
        answer("200 OK", ""),
        answer("200 OK", "\0\u{1}\u{ff}garbage"),
        answer("200 OK", "<html>"),
        answer("200 OK", "null"),
        answer("200 OK", "[]"),
        answer("200 OK", "{}"),
        answer("200 OK", r#"{"keys":{}}"#),
        answer("200 OK", r#"{"keys":[]}"#),
        answer("200 OK", r#"{"keys":[null,7,"x",[],{},{"kty":"oct","k":"AAAA"}]}"#),
        answer("200 OK", &"[".repeat(200_000)),
        answer("200 OK", &many),
        answer("200 OK", &format!("{good}{padding}")),
        format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{padding}{good}"),
        format!("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\nconnection: close\r\n\r\n{good}"),
        answer("500 Internal Server Error", &good),
        answer("404 Not Found", &good),
        answer("203 Non-Authoritative Information", &good),
        redirect("302 Found"),
        redirect("307 Temporary Redirect"),
    ] {
        let (issuer, tokens) = issuer_and_tokens(0..1).await;
        let what = &bad[..bad.len().min(80)];
        tokens.verify(&token(&KEYS[0]), now()).await.unwrap();
        issuer.answers(bad.clone());
        assert_eq!(refused(&tokens, &token(&KEYS[1]), now()).await, TokenError::Invalid, "{what}");
        assert!(tokens.verify(&lasting(0), later(601)).await.is_ok(), "{what}");
        let cold = tokens_of(&issuer, policy());
        assert_eq!(refused(&cold, &token(&KEYS[0]), now()).await, TokenError::Unavailable, "{what}");
    }
    assert_eq!(elsewhere.asked(), 0, "a redirect leads nowhere");
}

#[tokio::test]
async fn expired_token_of_unknown_key_causes_no_fetch() {
    let (issuer, tokens) = issuer_and_tokens(0..1).await;
    tokens.verify(&token(&KEYS[0]), now()).await.unwrap();
    assert_eq!(refused(&tokens, &token(&KEYS[1]), later(60)).await, TokenError::Invalid);
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn clock_set_back_does_not_prevent_fetches() {
    let (issuer, tokens) = issuer_and_tokens(0..1).await;
    tokens.verify(&lasting(0), later(1_000_000)).await.unwrap();
    at_once(&tokens, unknown(3), later(1_000_000)).await;
    issuer.publish(&jwks(&KEYS[0..2]));
    assert!(tokens.verify(&lasting(1), now()).await.is_ok());
}
