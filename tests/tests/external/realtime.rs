//! WebSockets and streams with external tokens.

use super::issuer::Issuer;
use fasttrack_tests::{Account, Client, SOON, Server, Socket, jwt};
use serde_json::json;
use std::time::Instant;

/// A local user's task that is assigned to an external user, who has a notification of it.
async fn given_a_task(issuer: &Issuer, server: &Server) -> (Account, Client, String, i64) {
    let token = issuer.key.token(json!({"sub": "u-1", "name": "Ann"}));
    let external = server.anonymous().with_token(&token);
    let id = external.get("/auth/me").await.expect(200).id();
    let owner = server.register().await;
    let project = owner.project().await;
    owner.task(project, json!({"assignee_id": id})).await;
    (owner, external, token, id)
}

/// Fails unless the socket is closed with 4401 soon.
async fn revoked(socket: &mut Socket) {
    let begin = Instant::now();
    assert_eq!(socket.closed().await, Some(4401));
    assert!(begin.elapsed() < SOON, "after {:?}", begin.elapsed());
}

#[tokio::test]
async fn external_token_opens_connection_in_every_form() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let (_owner, external, token, _) = given_a_task(&issuer, &server).await;
    let client = server.anonymous();
    let ticket = external.post("/ws/ticket", json!({})).await.expect(201).data()["ticket"].as_str().unwrap().to_owned();
    for request in [
        external.socket("?since=0"),
        client.socket(&format!("?since=0&token={token}")),
        client.socket("?since=0").header("sec-websocket-protocol", format!("fasttrack, bearer.{token}")),
        client.socket(&format!("?since=0&ticket={ticket}")),
    ] {
        assert_eq!(request.open().await.next().await["type"], "task_assigned");
    }
    for request in [external.get("/events?since=0"), client.get(format!("/events?since=0&token={token}"))] {
        assert_eq!(request.stream().await.next().await["type"], "task_assigned");
    }
    let garbage = issuer.key.token(json!({"sub": 7}));
    client.socket(&format!("?token={garbage}")).await.refused(401, "token_invalid");
}

#[tokio::test]
async fn refused_external_token_opens_no_connection() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let admin = server.admin().await;
    let token = issuer.key.token(json!({"sub": "u-1", "email": admin.email, "email_verified": true}));
    let client = server.anonymous();
    client.socket(&format!("?token={token}")).await.refused(403, "forbidden");
    client.get(format!("/events?token={token}")).await.refused(403, "forbidden");
    client.with_token(&token).socket("").await.refused(403, "forbidden");
}

#[tokio::test]
async fn account_change_closes_external_connection() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let admin = server.admin().await;
    let (_owner, external, token, id) = given_a_task(&issuer, &server).await;
    let path = format!("/users/{id}");
    let open = async || server.anonymous().socket(&format!("?since=0&token={token}")).open().await;

    let mut socket = open().await;
    admin.patch(&path, json!({"role": "admin"})).await.expect(200);
    revoked(&mut socket).await;
    let mut socket = open().await;
    admin.patch(&path, json!({"is_active": false})).await.expect(200);
    revoked(&mut socket).await;
    admin.patch(&path, json!({"is_active": true})).await.expect(200);
    let (mut socket, mut events) = (open().await, external.get("/events?since=0").stream().await);
    external.post("/auth/logout", json!({})).await.expect(200);
    revoked(&mut socket).await;
    assert_eq!(events.closed().await, Some(4401));
}

#[tokio::test]
async fn expired_external_token_closes_connection() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let now = jwt::claims(&server.register().await.access_token)["iat"].as_i64().unwrap();
    let token = issuer.key.token(json!({"sub": "u-1", "exp": now + 4}));
    let client = server.anonymous().with_token(&token);
    let mut socket = client.socket("").open().await;
    assert_eq!(socket.closed().await, Some(4401));
    client.get("/auth/me").await.refused(401, "token_expired");
}
