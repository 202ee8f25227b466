//! Authentication of WebSockets.

use fasttrack_tests::{Account, Client, Installation, Request, Server, Team, jwt::Forge};
use serde_json::json;
use std::time::Duration;

/// A handshake for each way to send an access token.
fn ways(client: &Client, token: &str) -> [Request; 4] {
    [
        client.socket(&format!("?since=0&token={token}")),
        client.socket("?since=0").header("sec-websocket-protocol", format!("fasttrack, bearer.{token}")),
        client.socket("?since=0").header("sec-websocket-protocol", format!("bearer.{token},fasttrack")),
        client.socket("?since=0").header("authorization", format!("Bearer {token}")),
    ]
}

async fn refused(client: &Client, token: &str, code: &str) {
    for way in ways(client, token) {
        let answer = way.await.refused(401, code);
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.starts_with("Bearer") && challenge.contains(r#"error="invalid_token""#), "{challenge}");
        assert!(!format!("{:?} {}", answer.headers, answer.body).contains(token), "{answer:#?}");
    }
}

#[tokio::test]
async fn token_in_every_form_opens_socket_of_its_user() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    for way in ways(&server.anonymous(), &team.assignee.access_token) {
        let told = way.open().await.next().await;
        assert_eq!((&told["seq"], &told["data"]["task_id"]), (&json!(1), &json!(team.task)));
    }
}

#[tokio::test]
async fn missing_token_gets_challenge_and_no_socket() {
    let server = Server::shared();
    let client = server.anonymous();
    for request in [
        client.socket(""),
        client.socket("?since=0"),
        client.socket("").header("sec-websocket-protocol", "fasttrack"),
        client.socket("").header("authorization", "Basic YW5uOnNlc2FtZQ=="),
        client.get("/ws"),
    ] {
        let answer = request.await.refused(401, "token_missing");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
}

#[tokio::test]
async fn invalid_token_in_any_form_opens_no_socket() {
    let server = Server::shared();
    let client = server.anonymous();
    let (ann, bob, eve) = (server.register().await, server.register().await, server.register().await);
    for garbage in ["sesame", "sesame.sesame.sesame", &ann.refresh_token] {
        refused(&client, garbage, "token_invalid").await;
    }
    let expired = Forge::new(&server, &ann.access_token).expired(Duration::from_secs(1)).sign();
    refused(&client, &expired, "token_expired").await;
    bob.log_out().await.expect(200);
    refused(&client, &bob.access_token, "token_revoked").await;
    server.admin().await.patch(format!("/users/{}", eve.id), json!({"is_active": false})).await.expect(200);
    refused(&client, &eve.access_token, "token_revoked").await;
    // Another one that is good doesn't make up for one that isn't.
    ann.socket("?token=x").await.refused(401, "token_invalid");
}

#[tokio::test]
async fn handshake_selects_protocol_without_the_token() {
    let server = Server::shared();
    let ann = server.register().await;
    let bearer = format!("bearer.{}", ann.access_token);
    let with = |protocols: String| server.anonymous().socket("").header("sec-websocket-protocol", protocols);
    for request in [
        with(format!("fasttrack, {bearer}")),
        with(format!("{bearer} , fasttrack")),
        with("other,fasttrack".to_owned()).header("authorization", format!("Bearer {}", ann.access_token)),
    ] {
        let socket = request.open().await;
        assert_eq!(socket.headers["sec-websocket-protocol"], "fasttrack");
        assert!(!format!("{:?}", socket.headers).contains(&ann.access_token));
    }
    // What wasn't offered can't be selected.
    let socket = ann.socket("").open().await;
    assert_eq!(socket.headers.get("sec-websocket-protocol"), None);
}

#[tokio::test]
async fn tokens_and_tickets_are_never_logged() {
    let server = Installation::new().with("RUST_LOG", "debug").start();
    let ann = server.register().await;
    let api_token = ann.api_token(json!({"scopes": ["notifications:read"]})).await;
    let secrets = [ticket(&ann).await, ann.access_token.clone(), "sesame".to_owned(), api_token.token.clone()];
    let client = server.anonymous();
    for request in [
        client.socket(&format!("?ticket={}", secrets[0])),
        client.socket(&format!("?token={}", secrets[1])),
        client.socket("").header("sec-websocket-protocol", format!("fasttrack, bearer.{}", secrets[1])),
        client.socket(&format!("?token={}", secrets[3])),
        api_token.socket(""),
    ] {
        request.open().await.close().await;
    }
    api_token.get("/tasks").await.expect(403);
    ann.delete(api_token.path()).await.expect(204);
    client.socket(&format!("?token={}", secrets[3])).await.expect(401);
    client.socket("?token=sesame").await.expect(401);
    client.socket("?ticket=sesame").await.expect(401);
    client.get("/events?token=sesame").await.expect(401);
    let log = server.log();
    assert!(log.contains("listening"), "{log}");
    for secret in &secrets {
        assert!(!log.contains(secret), "{secret} in:\n{log}");
    }
}

async fn ticket(account: &Account) -> String {
    account.post("/ws/ticket", json!({})).await.expect(201).data()["ticket"].as_str().unwrap().to_owned()
}
