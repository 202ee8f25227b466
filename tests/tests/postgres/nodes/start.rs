use super::{on, two};
use fasttrack_tests::{Installation, all, jwt};
use tokio::task::spawn_blocking;

#[tokio::test]
async fn nodes_start_together_on_empty_database() {
    let installation = Installation::empty();
    let key = installation.generate_key("EdDSA").await;
    let installation = installation.with("JWT_PRIVATE_KEY_FILE", key.to_str().unwrap());
    let nodes = all((0..3).map(|_| {
        let installation = installation.clone();
        spawn_blocking(move || installation.start())
    }))
    .await;
    let nodes: Vec<_> = nodes.into_iter().map(Result::unwrap).collect();
    let applied = nodes.iter().filter(|node| node.log().contains("core"));
    assert_eq!(applied.count(), 1);
    let ann = nodes[0].register().await;
    let project = ann.project().await;
    for node in &nodes {
        node.anonymous().get("/health/ready").await.expect(200);
        let elsewhere = on(node, &ann).await;
        assert_eq!(elsewhere.get("/projects").await.expect(200).ids(), [project]);
    }
}

#[tokio::test]
async fn token_of_one_node_is_valid_on_the_other() {
    let [here, there] = two();
    let ann = here.register().await;
    assert_eq!(jwt::keys(&here.anonymous()).await, jwt::keys(&there.anonymous()).await);
    let ann = on(&there, &ann).await;
    let task = ann.task(ann.project().await, serde_json::json!({})).await;
    on(&here, &ann).await.get(format!("/tasks/{task}")).await.expect(200);
}
