//! Revocation and expiry.

use super::unauthorized;
use chrono::{SecondsFormat, TimeDelta};
use fasttrack_tests::{MISSING, SOON, Server, eventually, timestamp};
use reqwest::Method;
use serde_json::json;
use std::time::Instant;

#[tokio::test]
async fn revoked_token_ends_at_once_with_its_connections() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let scopes = json!({"scopes": ["notifications:read"]});
    let (token, other) = (ann.api_token(scopes.clone()).await, ann.api_token(scopes).await);
    let (mut socket, kept) = (token.socket("").open().await, other.socket("").open().await);
    let mut stream = token.get("/events").stream().await;
    let ticket = token.request(Method::POST, "/ws/ticket").await.expect(201).data()["ticket"].clone();
    for stranger in [&bob, &admin] {
        stranger.delete(token.path()).await.refused(404, "not_found");
    }
    ann.delete(format!("/auth/tokens/{MISSING}")).await.refused(404, "not_found");
    ann.delete("/auth/tokens/first").await.invalid(&["path.id"]);
    token.get("/notifications").await.expect(200);

    let begin = Instant::now();
    assert_eq!(ann.delete(token.path()).await.expect(204).body, "");
    unauthorized(token.get("/notifications").await, "token_revoked");
    assert_eq!((socket.closed().await, stream.closed().await), (Some(4401), Some(4401)));
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    let client = server.anonymous();
    client.socket(&format!("?ticket={}", ticket.as_str().unwrap())).await.refused(401, "token_revoked");
    unauthorized(client.socket(&format!("?token={}", token.token)).await, "token_revoked");
    ann.delete(token.path()).await.refused(404, "not_found");

    assert_eq!(ann.get("/auth/tokens").await.expect(200).ids(), [other.id]);
    other.get("/notifications").await.expect(200);
    kept.close().await;
}

#[tokio::test]
async fn token_expires_at_its_time() {
    let server = Server::shared();
    let ann = server.register().await;
    let scopes = json!(["notifications:read"]);
    // By the clock of the server.
    let now = timestamp(&ann.post("/projects", json!({"name": "Garden"})).await.expect(201).data()["created_at"]);
    let end = (now + TimeDelta::seconds(3)).to_utc().to_rfc3339_opts(SecondsFormat::Micros, true);
    let token = ann.api_token(json!({"scopes": scopes, "expires_at": end})).await;
    let unseen = ann.api_token(json!({"scopes": scopes, "expires_at": end})).await;
    let mut socket = token.socket("").open().await;
    eventually("it has expired", async || token.get("/notifications").await.status == 401).await;
    for token in [&token, &unseen] {
        unauthorized(token.get("/notifications").await, "token_expired");
        unauthorized(token.socket("").await, "token_expired");
    }
    assert_eq!(socket.closed().await, Some(4401));
    // It is listed until it is revoked.
    assert_eq!(ann.get("/auth/tokens").await.expect(200).ids(), [token.id, unseen.id]);
    ann.delete(token.path()).await.expect(204);
    assert_eq!(token.get("/notifications").await.status, 401);
    assert_eq!(ann.get("/auth/tokens").await.expect(200).ids(), [unseen.id]);
}
