use super::{follow, tasks};
use fasttrack_tests::{Server, packages};
use serde_json::{Value, json};

const MANUAL: &str = include_str!("../../../docs/api.md");

#[tokio::test]
async fn documented_token_requests_work() {
    if !packages::has(&["bash", "curl"]) {
        return;
    }
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await.to_string();
    let variables = [("ANN", ann.access_token.as_str()), ("PROJECT", project.as_str())];
    let printed = follow(MANUAL, "tokens", &server, &variables).await;
    let answers: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [created, listed, refused] = &answers[..] else { panic!("not three answers: {printed}") };
    assert_eq!(created["data"]["title"], "Cut the hedge", "{printed}");
    assert_eq!(listed["data"]["items"], json!([created["data"]]), "{printed}");
    assert_eq!(refused["error"]["code"], "insufficient_scope", "{printed}");
}

#[tokio::test]
async fn documented_planning_requests_work() {
    if !packages::has(&["bash", "curl"]) {
        return;
    }
    let server = Server::shared();
    let ann = server.register().await;
    // Another project and task come first.
    let earlier = ann.project().await;
    ann.task(earlier, json!({})).await;
    let printed = follow(MANUAL, "planning", &server, &[("ANN", &ann.access_token)]).await;

    let answers: Vec<Value> =
        printed.lines().filter(|line| !line.is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect();
    for answer in &answers {
        assert_eq!(answer["error"], Value::Null, "{printed}");
    }
    let titles = |list: &Value| -> Vec<String> {
        let items = list["data"]["items"].as_array().unwrap();
        items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
    };
    let [due, reminders, labeled, under, before, first, by_position, created, changed, by_due, by_label, found] =
        &answers[..]
    else {
        panic!("not twelve answers: {printed}")
    };
    assert_eq!(due["data"]["due"], "2030-12-01T08:30:00Z", "{printed}");
    assert_eq!(reminders["data"]["reminders"].as_array().map(Vec::len), Some(2), "{printed}");
    assert_eq!(labeled["data"]["labels"][0]["name"], "garden", "{printed}");
    assert_eq!(titles(under), ["Buy paint"]);
    assert!(before["data"]["position"].is_string() && first["data"]["position"].is_string(), "{printed}");
    assert_eq!(titles(by_position), ["Paint the fence", "Buy paint"]);
    assert_eq!(titles(created), ["Cut the hedge", "Mow the lawn"]);
    assert_eq!(changed["data"]["items"][1]["status"], "in_progress", "{printed}");
    assert_eq!(titles(by_due), ["Mow the lawn", "Paint the fence"]);
    assert_eq!((titles(by_label), titles(found)), (vec!["Paint the fence".to_owned()], titles(by_label)));
    assert_eq!(tasks(&ann, earlier).await.len(), 1);
}
