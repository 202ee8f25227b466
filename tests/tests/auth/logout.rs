use fasttrack_tests::{Account, Answer, BARE, Client, Server, jwt::Forge};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

async fn exchange(client: &Client, token: &str) -> Answer {
    client.post("/auth/refresh", json!({"refresh_token": token})).await
}

#[tokio::test]
async fn logout_ends_only_its_session() {
    let server = Server::shared();
    let ann = server.register().await;
    let elsewhere = ann.log_in_again().await;
    assert_eq!(ann.log_out().await.expect(200).data(), Value::Null);

    let revoked = ann.get("/auth/me").await.refused(401, "token_revoked");
    let challenge = revoked.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Bearer ") && challenge.contains(r#"error="invalid_token""#), "{challenge}");
    exchange(&ann, &ann.refresh_token).await.refused(401, "invalid_refresh_token");
    ann.log_out().await.refused(401, "token_revoked");

    elsewhere.get("/auth/me").await.expect(200);
    exchange(&elsewhere, &elsewhere.refresh_token).await.expect(200);
}

#[tokio::test]
async fn logout_revokes_all_access_tokens_of_session() {
    let server = Server::shared();
    let ann = server.register().await;
    let tokens = exchange(&ann, &ann.refresh_token).await.expect(200).data();
    let next = Account::from_tokens(&server.anonymous(), &tokens).await;
    next.log_out().await.expect(200);
    ann.get("/auth/me").await.refused(401, "token_revoked");
    exchange(&ann, &next.refresh_token).await.refused(401, "invalid_refresh_token");
}

#[tokio::test]
async fn bare_logout_body_is_null() {
    let server = Server::shared();
    let ann = server.register().await;
    let answer = ann.log_out().accept(BARE).await.expect(200);
    assert_eq!(answer.body, "null");
}

#[tokio::test]
async fn logout_accepts_refresh_token() {
    let server = Server::shared();
    let ann = server.register().await;
    let (second, third) = (ann.log_in_again().await, ann.log_in_again().await);
    ann.post("/auth/logout", json!({"refresh_token": ann.refresh_token})).await.expect(200);
    exchange(&ann, &ann.refresh_token).await.refused(401, "invalid_refresh_token");
    // That of another session of the same user ends this one as well.
    second.post("/auth/logout", json!({"refresh_token": third.refresh_token})).await.expect(200);
    for session in [second, third] {
        session.get("/auth/me").await.refused(401, "token_revoked");
        exchange(&session, &session.refresh_token).await.refused(401, "invalid_refresh_token");
    }
}

#[tokio::test]
async fn logout_of_another_user_is_refused() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let body = json!({"refresh_token": bob.refresh_token});
    ann.post("/auth/logout", body).await.refused(403, "forbidden");
    bob.get("/auth/me").await.expect(200);
    exchange(&bob, &bob.refresh_token).await.expect(200);
}

#[tokio::test]
async fn invalid_logout_body_is_refused() {
    let server = Server::shared();
    let ann = server.register().await;
    server.anonymous().request(Method::POST, "/auth/logout").await.refused(401, "token_missing");
    ann.post("/auth/logout", json!({"refresh_token": 7})).await.invalid(&["refresh_token"]);
    ann.post("/auth/logout", json!({"everywhere": true})).await.invalid(&["everywhere"]);
    ann.log_out().body("application/json", "{").await.refused(400, "malformed_json");
    ann.log_out().body("text/plain", "{}").await.refused(415, "unsupported_media_type");
    ann.get("/auth/me").await.expect(200);
    ann.post("/auth/logout", json!({})).await.expect(200);
}

#[tokio::test]
async fn expired_access_token_logs_out_with_refresh_token() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let elsewhere = ann.log_in_again().await;
    let spent = ann.refresh_token.clone();
    let tokens = exchange(&ann, &spent).await.expect(200).data();
    let ann = Account::from_tokens(&server.anonymous(), &tokens).await;
    let expired = |account: &Account| Forge::new(&server, &account.access_token).expired(Duration::from_mins(1));
    let client = server.anonymous().with_token(&expired(&ann).sign());
    let with = |token: &str| json!({"refresh_token": token});

    client.request(Method::POST, "/auth/logout").await.refused(401, "token_expired");
    for worthless in [&elsewhere.refresh_token, &bob.refresh_token, &spent, &ann.access_token, "x"] {
        client.post("/auth/logout", with(worthless)).await.refused(401, "token_expired");
    }
    client.post("/auth/logout", json!({"everywhere": true})).await.refused(401, "token_expired");
    client.request(Method::POST, "/auth/logout").body("application/json", "{").await.refused(401, "token_expired");
    let forged = expired(&ann).claim("iss", "somebody else").sign();
    let forged = server.anonymous().with_token(&forged).post("/auth/logout", with(&ann.refresh_token)).await;
    forged.refused(401, "token_invalid");
    ann.get("/auth/me").await.expect(200);

    assert_eq!(client.post("/auth/logout", with(&ann.refresh_token)).await.expect(200).data(), Value::Null);
    ann.get("/auth/me").await.refused(401, "token_revoked");
    exchange(&ann, &ann.refresh_token).await.refused(401, "invalid_refresh_token");
    client.post("/auth/logout", with(&ann.refresh_token)).await.refused(401, "token_expired");
    elsewhere.get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn used_refresh_token_of_other_session_is_ignored() {
    let server = Server::shared();
    let ann = server.register().await;
    let elsewhere = ann.log_in_again().await;
    let tokens = exchange(&elsewhere, &elsewhere.refresh_token).await.expect(200).data();
    ann.post("/auth/logout", json!({"refresh_token": elsewhere.refresh_token})).await.expect(200);
    ann.get("/auth/me").await.refused(401, "token_revoked");
    Account::from_tokens(&server.anonymous(), &tokens).await;
}
