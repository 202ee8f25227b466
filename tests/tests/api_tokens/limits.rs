//! Rate limits.

use super::{complete, lacks_scope, made_up, unauthorized};
use fasttrack_tests::Installation;
use serde_json::json;

#[tokio::test]
async fn tokens_count_by_user_and_unknown_ones_by_network() {
    let server = Installation::new().with("RATE_LIMIT_REQUESTS", "20").start();
    // Two requests of the network and two of the user.
    let ann = server.register().await;
    let token = ann.api_token(json!({"scopes": ["tasks:read"]})).await;
    for _ in 2..20 {
        // What is refused for its scope counts.
        let answer = token.get("/projects").await;
        assert!(answer.header("ratelimit").is_some(), "{answer:#?}");
        lacks_scope(answer, Some("projects:read"));
    }
    token.get("/projects").await.refused(429, "rate_limited");
    token.get("/tasks").await.refused(429, "rate_limited");
    ann.get("/tasks").await.refused(429, "rate_limited");

    let [unknown, malformed] =
        [complete(&made_up()), "ft_sesame".to_owned()].map(|token| server.anonymous().with_token(&token));
    for _ in 2..20 {
        unauthorized(unknown.get("/tasks").await, "token_invalid");
        unauthorized(malformed.get("/tasks").await, "token_invalid");
    }
    unknown.get("/tasks").await.refused(429, "rate_limited");
    // Nothing is looked up for it.
    unauthorized(malformed.get("/tasks").await, "token_invalid");
}
