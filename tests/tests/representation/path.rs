use fasttrack_tests::Server;
use serde_json::json;

#[tokio::test]
async fn id_that_is_no_64_bit_integer_is_named() {
    let server = Server::shared();
    let admin = server.admin().await;
    for id in ["x", "1.0", "1e3", "+1", "007", "%201", "1%20", "%00", "9223372036854775808", "-", "0x1", "٣"] {
        for path in ["/users/", "/projects/", "/tasks/"] {
            let path = format!("{path}{id}");
            admin.get(&path).await.invalid(&["path.id"]);
            admin.patch(&path, json!({})).await.invalid(&["path.id"]);
        }
        for path in ["/projects/", "/tasks/", "/comments/"] {
            admin.delete(format!("{path}{id}")).await.invalid(&["path.id"]);
        }
        for (path, field) in [(format!("/projects/{id}/tasks"), "title"), (format!("/tasks/{id}/comments"), "body")] {
            admin.get(&path).await.invalid(&["path.id"]);
            admin.post(&path, json!({field: "Dig"})).await.invalid(&["path.id"]);
        }
    }
}

#[tokio::test]
async fn errors_in_path_query_header_and_body_are_listed_at_once() {
    let server = Server::shared();
    let ann = server.register().await;
    ann.get("/projects/x/tasks?limit=0&status=x&priority=x&assignee_id=x").await.invalid(&[
        "path.id",
        "query.limit",
        "query.status",
        "query.priority",
        "query.assignee_id",
    ]);
    ann.get("/tasks/x/comments?limit=x").await.invalid(&["path.id", "query.limit"]);
    let body = json!({"title": "", "status": "x", "project_id": 1});
    let patch = ann.patch("/tasks/x", body).header("if-match", "one").await;
    patch.invalid(&["path.id", "header.if-match", "title", "status", "project_id"]);
    ann.delete("/tasks/x").header("if-match", "one").await.invalid(&["path.id", "header.if-match"]);
    ann.post("/projects/x/tasks", json!({"priority": 1})).await.invalid(&["path.id", "title", "priority"]);
}
