use fasttrack_tests::{Server, has_fields, timestamp};
use serde_json::{Value, json};

#[tokio::test]
async fn comment_belongs_to_its_author() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let task = ann.task(ann.project().await, json!({"assignee_id": bob.id})).await;
    let body = json!({"body": "  Deep\nenough? "});
    let comment = bob.post(format!("/tasks/{task}/comments"), body).await.expect(201).data();
    has_fields(&comment, &["id", "task_id", "author_id", "author", "body", "created_at"]);
    assert_eq!(comment["task_id"], task);
    assert_eq!((&comment["author_id"], &comment["author"]), (&json!(bob.id), &bob.person()));
    assert_eq!(comment["body"], "Deep\nenough?");
    timestamp(&comment["created_at"]);
    assert_eq!(ann.get(format!("/tasks/{task}/comments")).await.expect(200).items(), [comment]);
}

#[tokio::test]
async fn comment_body_has_bounds() {
    let server = Server::shared();
    let ann = server.register().await;
    let path = format!("/tasks/{}/comments", ann.task(ann.project().await, json!({})).await);
    for wrong in [Value::Null, json!(""), json!(" \n"), json!("x".repeat(10_001)), json!("a\u{0}b"), json!(7)] {
        ann.post(&path, json!({"body": wrong})).await.invalid(&["body"]);
    }
    ann.post(&path, json!({})).await.invalid(&["body"]);
    ann.post(&path, json!({"text": "Deep", "author_id": 1})).await.invalid(&["body", "text", "author_id"]);
    for right in ["x".to_owned(), "é".repeat(10_000)] {
        assert_eq!(ann.post(&path, json!({"body": right})).await.expect(201).data()["body"], right);
    }
}

#[tokio::test]
async fn comment_does_not_change_its_task() {
    let server = Server::shared();
    let ann = server.register().await;
    let path = format!("/tasks/{}", ann.task(ann.project().await, json!({})).await);
    let before = ann.get(&path).await.expect(200).data();
    ann.post(format!("{path}/comments"), json!({"body": "Deep"})).await.expect(201);
    assert_eq!(ann.get(&path).await.expect(200).data(), before);
}
