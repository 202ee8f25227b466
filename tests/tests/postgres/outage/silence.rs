//! A database that doesn't respond while its connections stay open, as after a network failure.

use super::unavailable;
use crate::{relay::Relay, writers::PATIENCE};
use fasttrack_tests::{Installation, PASSWORD, Server, all, eventually};
use serde_json::json;
use tokio::{task::spawn_blocking, time::timeout};

async fn prepare() -> (Relay, Server) {
    let installation = Installation::new();
    let relay = Relay::to(installation.database_url()).await;
    let relayed = installation.with("DATABASE_URL", relay.url());
    (relay, spawn_blocking(move || relayed.start()).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_fail_fast_until_silent_database_answers() {
    let (relay, server) = prepare().await;
    let ann = server.register().await;
    let client = server.anonymous();
    let project = ann.project().await;
    let login = json!({"email": ann.email, "password": PASSWORD});
    relay.stop_forwarding();
    let requests = || {
        [
            client.get("/health/ready"),
            client.post("/auth/login", login.clone()),
            ann.get("/auth/me"),
            ann.get(format!("/projects/{project}")),
            ann.post("/projects", json!({"name": "Yard"})),
        ]
    };
    for answer in timeout(2 * PATIENCE, all((0..8).flat_map(|_| requests()))).await.unwrap() {
        unavailable(answer);
    }
    client.get("/health/live").await.expect(200);
    relay.resume_forwarding();
    eventually("the server is ready", async || client.get("/health/ready").await.status == 200).await;
    eventually("tokens are good again", async || ann.get("/auth/me").await.status == 200).await;
    for _ in 0..50 {
        ann.get(format!("/projects/{project}")).await.expect(200);
        ann.project().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn server_stops_while_database_is_silent() {
    let (relay, server) = prepare().await;
    server.register().await;
    relay.stop_forwarding();
    assert_eq!(server.stop().await.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn server_does_not_start_with_silent_database() {
    let (relay, server) = prepare().await;
    relay.stop_forwarding();
    let reason = server.installation().command([]).run().await.failed(1);
    assert!(reason.contains("DATABASE_URL"), "{reason}");
}
