use super::prepare;
use fasttrack_tests::{PASSWORD, all, eventually};
use serde_json::json;

#[tokio::test]
async fn broken_pooled_connections_fail_no_request() {
    let (cluster, server) = prepare();
    let ann = server.register().await;
    let client = server.anonymous();
    let project = ann.project().await;
    let requests = || {
        all((0..16).flat_map(|_| {
            [
                ann.get(format!("/projects/{project}")),
                ann.post(format!("/projects/{project}/tasks"), json!({"title": "Dig"})),
                client.post("/auth/login", json!({"email": ann.email, "password": PASSWORD})),
            ]
        }))
    };
    for _ in 0..2 {
        // Fills the pool.
        for answer in requests().await {
            assert!(matches!(answer.status, 200 | 201), "{answer:#?}");
        }
        cluster.stop();
        cluster.start_again();
        eventually("tokens are good", async || ann.get("/auth/me").await.status == 200).await;
    }
    for answer in requests().await {
        assert!(matches!(answer.status, 200 | 201), "{answer:#?}");
    }
}
