use fasttrack_tests::Server;
use serde_json::json;

#[tokio::test]
async fn comments_of_task_are_listed_by_ascending_id() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    let task = ann.task(project, json!({"assignee_id": bob.id})).await;
    let another = ann.task(project, json!({})).await;
    let first = ann.comment(task).await;
    ann.comment(another).await;
    let second = bob.comment(task).await;
    for account in [&ann, &bob] {
        assert_eq!(account.get(format!("/tasks/{task}/comments")).await.expect(200).ids(), [first, second]);
    }
}

#[tokio::test]
async fn task_without_comments_has_empty_page() {
    let server = Server::shared();
    let ann = server.register().await;
    let task = ann.task(ann.project().await, json!({})).await;
    let page = ann.get(format!("/tasks/{task}/comments")).await.expect(200).data();
    assert_eq!(page, json!({"items": [], "next_cursor": null, "has_more": false}));
}
