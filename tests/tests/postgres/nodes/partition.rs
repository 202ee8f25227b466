use super::on;
use crate::relay::Relay;
use fasttrack_tests::{Client, Installation, eventually};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::{task::spawn_blocking, time::timeout};

#[tokio::test(flavor = "multi_thread")]
async fn isolated_node_accepts_no_cached_token() {
    let installation = Installation::new();
    let here = installation.start();
    let relay = Relay::to(installation.database_url()).await;
    let cut_off = installation.clone().with("DATABASE_URL", relay.url());
    let there = spawn_blocking(move || cut_off.start()).await.unwrap();
    let (ann, bob) = (here.register().await, here.register().await);
    let [ann_there, bob_there] = [on(&there, &ann).await, on(&there, &bob).await];
    let token = ann.api_token(json!({"scopes": ["tasks:read"]})).await;
    let token_there = token.on(&there);
    token_there.get("/tasks").await.expect(200);

    relay.stop_forwarding();
    ann.delete(token.path()).await.expect(204);
    ann.log_out().await.expect(200);
    let begin = Instant::now();
    // Whether there is no answer or a refusal doesn't matter here.
    let accepted = async |client: &Client| {
        timeout(Duration::from_secs(3), client.get("/tasks")).await.is_ok_and(|answer| answer.status == 200)
    };
    eventually("the token isn't taken", async || !accepted(&ann_there).await).await;
    println!("no longer taken after {:?}", begin.elapsed());
    for client in [&*ann_there, &*bob_there, &*token_there] {
        assert!(!accepted(client).await);
    }
    bob.get("/auth/me").await.expect(200);

    relay.resume_forwarding();
    eventually("the node hears again", async || bob_there.get("/auth/me").await.status == 200).await;
    ann_there.get("/auth/me").await.refused(401, "token_revoked");
    token_there.get("/tasks").await.refused(401, "token_revoked");
}
