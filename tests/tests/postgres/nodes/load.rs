use fasttrack_tests::{Server, all};
use serde_json::json;

#[tokio::test]
async fn sixty_four_connections_are_served() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    all((0..64).map(|_| {
        // A connection of its own.
        let client = server.anonymous().with_token(&ann.access_token);
        Box::pin(async move {
            for n in 0..40 {
                let task = client.post(format!("/projects/{project}/tasks"), json!({"title": "Dig"})).await;
                let path = format!("/tasks/{}", task.expect(201).id());
                client.get(&path).await.expect(200);
                client.patch(&path, json!({"description": format!("{n}")})).await.expect(200);
                client.get(format!("/projects/{project}/tasks?limit=5")).await.expect(200);
                client.get("/auth/me").await.expect(200);
                client.delete(&path).await.expect(204);
            }
        })
    }))
    .await;
}
