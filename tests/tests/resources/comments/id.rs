use fasttrack_tests::{MISSING, Server};
use serde_json::json;

#[tokio::test]
async fn author_deletes_own_comment_after_reassignment() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let task = ann.task(ann.project().await, json!({"assignee_id": bob.id})).await;
    let (first, second) = (bob.comment(task).await, bob.comment(task).await);
    assert_eq!(bob.delete(format!("/comments/{first}")).await.expect(204).body, "");
    bob.delete(format!("/comments/{first}")).await.refused(404, "not_found");
    ann.patch(format!("/tasks/{task}"), json!({"assignee_id": null})).await.expect(200);
    ann.delete(format!("/comments/{second}")).await.refused(403, "forbidden");
    bob.delete(format!("/comments/{second}")).await.expect(204);
    assert_eq!(ann.get(format!("/tasks/{task}/comments")).await.expect(200).ids(), [0; 0]);
}

#[tokio::test]
async fn missing_comment_is_404() {
    let server = Server::shared();
    let ann = server.register().await;
    for id in [0, MISSING] {
        ann.delete(format!("/comments/{id}")).await.refused(404, "not_found");
    }
}
