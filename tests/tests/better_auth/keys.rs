use crate::better_auth::BetterAuth;
use fasttrack_tests::{Installation, all, jwt};
use serde_json::{Value, json};

/// Replaces the `kid` of a token, without signing it again.
fn renamed(token: &str, kid: &str) -> String {
    let mut header = jwt::header(token);
    header["kid"] = json!(kid);
    let forged = jwt::compact(&header, &jwt::claims(token), b"");
    format!("{forged}{}", token.rsplit('.').next().unwrap())
}

#[tokio::test]
async fn key_rotation_of_better_auth_is_followed() {
    let Some(better_auth) = BetterAuth::start() else { return };
    let server = better_auth.trusted_by(Installation::new()).start();
    let ann = better_auth.sign_up("ann@example.org", "Ann").await;
    let before = ann.token().await;
    let client = server.anonymous();
    client.with_token(&before).get("/auth/me").await.expect(200);
    assert_eq!(better_auth.fetches().await, 1);

    let kid = better_auth.rotate().await;
    let after = ann.token().await;
    assert_eq!(jwt::header(&after)["kid"], Value::from(kid));
    // All at once, and one fetch for all of them.
    let requests = (0..20).flat_map(|_| [&before, &after]).map(|token| client.with_token(token).get("/auth/me"));
    for answer in all(requests).await {
        answer.expect(200);
    }
    assert_eq!(better_auth.fetches().await, 2);
}

#[tokio::test]
async fn unknown_key_ids_cause_few_fetches() {
    let Some(better_auth) = BetterAuth::start() else { return };
    let server = better_auth.trusted_by(Installation::new()).start();
    let ann = better_auth.sign_up("ann@example.org", "Ann").await;
    let token = ann.token().await;
    let client = server.anonymous();
    client.with_token(&token).get("/auth/me").await.expect(200);
    let forged = (0..100).map(|n| client.with_token(&renamed(&token, &format!("unknown-{n}"))).get("/auth/me"));
    for answer in all(forged).await {
        answer.refused(401, "token_invalid");
    }
    assert_eq!(better_auth.fetches().await, 2);
    client.with_token(&token).get("/auth/me").await.expect(200);
}
