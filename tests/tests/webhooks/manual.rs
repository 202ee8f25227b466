//! The requests of `docs/webhooks.md`.

use super::shared;
use crate::planning_docs::follow;
use fasttrack_tests::{Receiver, packages};
use serde_json::Value;

const MANUAL: &str = include_str!("../../../docs/webhooks.md");

#[tokio::test]
async fn documented_webhook_requests_work() {
    if !packages::has(&["bash", "curl"]) {
        return;
    }
    let (server, receiver) = (shared(), Receiver::start().await);
    let ann = server.register().await;
    let manual = MANUAL.replace("https://example.org/hooks/fasttrack", &receiver.url());
    let printed = follow(manual.leak(), "webhooks", &server, &[("ANN", &ann.access_token)]).await;
    let answers: Vec<Value> =
        printed.lines().filter(|line| !line.is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect();
    let [created, tested, deliveries, retried, rotated] = &answers[..] else { panic!("not five answers: {printed}") };
    for answer in &answers {
        assert_eq!(answer["error"], Value::Null, "{printed}");
    }
    assert_eq!(created["data"]["types"].as_array().map(Vec::len), Some(2), "{printed}");
    assert_eq!((&tested["data"], &retried["data"]), (&Value::Null, &Value::Null), "{printed}");
    assert_eq!(deliveries["data"]["items"][0]["type"], "ping", "{printed}");
    assert_ne!(rotated["data"]["secret"], created["data"]["secret"], "{printed}");
    let types = receiver.next().await.json()["type"].take();
    assert_eq!(types, "ping");
}
