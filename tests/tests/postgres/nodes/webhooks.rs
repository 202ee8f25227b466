//! Webhooks of two nodes.

use super::on;
use fasttrack_tests::{Account, Installation, Receiver, Request, Sent, all};
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeSet;

fn post(account: &Account, path: String) -> Request {
    account.request(Method::POST, path)
}

#[tokio::test]
async fn each_delivery_is_sent_by_one_node() {
    const TASKS: usize = 40;
    let installation = Installation::new().with("WEBHOOK_ALLOW_NETWORKS", "127.0.0.0/8");
    let nodes = [installation.start(), installation.start()];
    let ann = nodes[0].register().await;
    let there = on(&nodes[1], &ann).await;
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    let body = json!({"url": receiver.url()});
    let webhook = ann.post(format!("/projects/{project}/webhooks"), body).await.expect(201).id();
    let tasks = format!("/projects/{project}/tasks");
    let create = |n| {
        let node = if n % 2 == 0 { &ann } else { &there };
        node.post(&tasks, json!({"title": "Dig"}))
    };
    for answer in all((0..TASKS).map(create)).await {
        answer.expect(201);
    }
    let sent = receiver.wait_for(TASKS).await;
    assert_eq!(sent.iter().map(Sent::id).collect::<BTreeSet<_>>().len(), TASKS);

    // What one node was told, the other does. Nothing else was sent meanwhile.
    let rotated = post(&there, format!("/webhooks/{webhook}/rotate")).await.expect(200).data();
    post(&ann, format!("/webhooks/{webhook}/test")).await.expect(202);
    let sent = receiver.wait_for(TASKS + 1).await;
    let (ping, secret) = (&sent[TASKS], rotated["secret"].as_str().unwrap());
    assert_eq!(ping.json()["type"], "ping");
    assert!(ping.header("webhook-signature").starts_with(&ping.signature(secret)), "{ping:#?}");
}
