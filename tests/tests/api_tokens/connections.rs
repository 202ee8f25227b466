//! Connections for notifications.

use super::lacks_scope;
use fasttrack_tests::{Client, Request, Server, Team};
use reqwest::Method;
use serde_json::json;

/// A handshake for each way to send a token.
fn ways(client: &Client, token: &str) -> [Request; 3] {
    [
        client.socket(&format!("?since=0&token={token}")),
        client.socket("?since=0").header("sec-websocket-protocol", format!("fasttrack, bearer.{token}")),
        client.with_token(token).socket("?since=0"),
    ]
}

#[tokio::test]
async fn token_opens_connections_with_its_scope() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    let (user, client) = (&team.assignee, server.anonymous());
    let token = user.api_token(json!({"scopes": ["notifications:read"]})).await;
    for way in ways(&client, &token.token) {
        way.open().await.take(1..=1).await;
    }
    let ticket = token.request(Method::POST, "/ws/ticket").await.expect(201).data();
    let ticket = ticket["ticket"].as_str().unwrap();
    client.socket(&format!("?since=0&ticket={ticket}")).open().await.take(1..=1).await;
    assert_eq!(token.get("/events?since=0").stream().await.next().await["seq"], 1);
    lacks_scope(token.post("/notifications/read", json!({"up_to": 1})).await, Some("notifications:write"));

    let other = user.api_token(json!({"scopes": ["tasks:write"]})).await;
    let good = &user.access_token;
    let refused = [
        other.request(Method::POST, "/ws/ticket"),
        other.get("/events"),
        client.get(format!("/events?token={}", other.token)),
        // A good one beside it doesn't make up for it.
        other.get(format!("/events?token={good}")),
        other.socket(&format!("?token={good}")),
    ];
    for request in refused.into_iter().chain(ways(&client, &other.token)) {
        lacks_scope(request.await, Some("notifications:read"));
    }
    let writes = user.api_token(json!({"scopes": ["notifications:write"]})).await;
    writes.post("/notifications/read", json!({"up_to": 1})).await.expect(200);
    writes.socket("?since=0").open().await.take(1..=1).await;
}
