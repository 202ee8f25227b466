//! Event streams behind the shipped nginx configuration.

use super::nginx::Nginx;
use fasttrack_tests::{Client, Installation, SOON, eventually};
use std::time::Instant;

#[tokio::test]
async fn stream_behind_nginx_ends_with_its_client() {
    // So rare that nothing is noticed by a ping.
    let installation = Installation::new().with("WS_PING_SECONDS", "300").with("WS_CONNECTIONS_PER_USER", "1");
    let nodes = [installation.start(), installation.start()];
    let Some(nginx) = Nginx::start([&nodes[0], &nodes[1]]).await else { return };
    let ann = nodes[0].register().await;
    let through_nginx = Client::new(nginx.url()).with_token(&ann.access_token);
    for _ in 0..10 {
        // Opened by whichever node nginx takes, and closed again.
        eventually("a node has room", async || through_nginx.get("/events").try_stream().await.is_some()).await;
        let begin = Instant::now();
        eventually("both nodes have room", async || {
            let mut is_free = true;
            for node in &nodes {
                is_free &= ann.on(node).get("/events").try_stream().await.is_some();
            }
            is_free
        })
        .await;
        assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    }
}
