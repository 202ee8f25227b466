use fasttrack_tests::Server;
use serde_json::json;

#[tokio::test]
async fn status_moves_one_step_either_way() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    for (from, to, legal) in [
        ("todo", "todo", true),
        ("todo", "in_progress", true),
        ("todo", "done", false),
        ("in_progress", "todo", true),
        ("in_progress", "in_progress", true),
        ("in_progress", "done", true),
        ("done", "todo", false),
        ("done", "in_progress", true),
        ("done", "done", true),
    ] {
        let path = format!("/tasks/{}", ann.task(project, json!({"status": from})).await);
        let answer = ann.patch(&path, json!({"status": to})).await;
        if legal {
            answer.expect(200);
        } else {
            let body = answer.refused(409, "invalid_status_transition").json();
            let message = body["error"]["message"].as_str().unwrap();
            assert!(message.contains("in_progress"), "the legal step from {from}: {message}");
        }
        let moved = legal && from != to;
        let task = ann.get(&path).await.expect(200).data();
        assert_eq!(task["status"], if moved { to } else { from }, "{from} to {to}");
        assert_eq!(task["version"], 1 + i64::from(moved), "{from} to {to}");
    }
}

#[tokio::test]
async fn refused_status_change_refuses_whole_patch() {
    let server = Server::shared();
    let ann = server.register().await;
    let path = format!("/tasks/{}", ann.task(ann.project().await, json!({})).await);
    let before = ann.get(&path).await.expect(200).data();
    let body = json!({"status": "done", "title": "Dig", "priority": "high"});
    ann.patch(&path, body).await.refused(409, "invalid_status_transition");
    assert_eq!(ann.get(&path).await.expect(200).data(), before);
}
