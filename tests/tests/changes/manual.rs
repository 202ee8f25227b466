//! The requests of `docs/sync.md`.

use super::brief;
use crate::planning_docs::follow;
use fasttrack_tests::{Server, packages};
use serde_json::Value;

const MANUAL: &str = include_str!("../../../docs/sync.md");

#[tokio::test]
async fn documented_change_requests_work() {
    if !packages::has(&["bash", "curl"]) {
        return;
    }
    let server = Server::shared();
    let ann = server.register().await;
    let printed = follow(MANUAL, "changes", &server, &[("ANN", &ann.access_token)]).await;
    let answers: Vec<Value> =
        printed.lines().filter(|line| !line.is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect();
    let [created, page] = &answers[..] else { panic!("not two answers: {printed}") };
    let changes: Vec<_> = page["data"]["changes"].as_array().unwrap().iter().map(brief).collect();
    let project = format!("put project {}", created["data"]["id"]);
    assert!(changes.contains(&project) && changes.contains(&format!("put member {}", ann.id)), "{printed}");
}
