//! Rate limits of requests with external tokens.

use super::issuer::{Issuer, Key};
use fasttrack_tests::{Answer, Client, Installation, Server};
use serde_json::json;

fn with_limit(issuer: &Issuer, limit: u32) -> Server {
    issuer.trusted_by(Installation::new().with("RATE_LIMIT_REQUESTS", limit.to_string())).start()
}

/// Returns the remaining requests of the limit that the request counted against.
#[track_caller]
fn left(answer: &Answer) -> u64 {
    let header = answer.header("ratelimit").unwrap_or_else(|| panic!("{answer:#?}"));
    header.strip_prefix("\"default\";r=").unwrap().split_once(';').unwrap().0.parse().unwrap()
}

#[track_caller]
fn limited(answer: Answer) {
    assert!(answer.refused(429, "rate_limited").header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
}

#[tokio::test]
async fn invalid_tokens_count_against_network() {
    let issuer = Issuer::new().await;
    let server = with_limit(&issuer, 6);
    let known = issuer.user(&server, json!({"sub": "known"}));
    // Seen before, it counts by its user from then on.
    assert_eq!(left(&known.get("/auth/me").await.expect(200)), 5);
    let impostor = Key::new("first").await;
    let forged = |n: u32| server.anonymous().with_token(&impostor.token(json!({"sub": format!("u-{n}")})));
    for n in 0..3 {
        assert_eq!(left(&forged(n).get("/tasks").await.refused(401, "token_invalid")), 5 - u64::from(n));
    }
    for n in 3..6 {
        let query = format!("?token={}", impostor.token(json!({"sub": format!("u-{n}")})));
        server.anonymous().get(format!("/events{query}")).await.refused(401, "token_invalid");
    }
    limited(forged(7).get("/tasks").await);
    limited(forged(7).socket("").await);
    limited(issuer.user(&server, json!({"sub": "new"})).get("/tasks").await);
    limited(server.anonymous().get("/.well-known/jwks.json").await);
    // What has no route is refused for that, and what needs no token looks at none.
    forged(8).get("/nothing").await.refused(404, "not_found");
    forged(8).get("/health/ready").await.expect(200);
    assert_eq!(left(&known.get("/tasks").await.expect(200)), 4);
}

#[tokio::test]
async fn valid_tokens_count_against_user() {
    let issuer = Issuer::new().await;
    let server = with_limit(&issuer, 3);
    let user = |n: u32| issuer.user(&server, json!({"sub": format!("u-{n}")}));
    for n in 0..8 {
        assert_eq!(left(&user(n).get("/tasks").await.expect(200)), 2);
    }
    // Another token of the same user counts by the same user.
    let again: Client = issuer.user(&server, json!({"sub": "u-0", "jti": "another"}));
    assert_eq!(left(&again.get("/tasks").await.expect(200)), 1);
    user(0).get("/tasks").await.expect(200);
    limited(user(0).get("/tasks").await);
    // The network has counted nothing but what was refused.
    assert_eq!(left(&server.anonymous().get("/.well-known/jwks.json").await.expect(200)), 1);
}
