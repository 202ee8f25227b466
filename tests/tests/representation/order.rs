//! The order of checks: of several errors the first one is returned.

use fasttrack_tests::{Account, Answer, MISSING, Request, Server};
use reqwest::Method;
use serde_json::json;

const TOO_LARGE: usize = 64 * 1024 + 1;

fn patch(account: &Account, path: &str) -> Request {
    account.request(Method::PATCH, path)
}

fn large(request: Request, media_type: &str) -> Request {
    request.body(media_type, vec![b'x'; TOO_LARGE])
}

#[tokio::test]
async fn route_and_method_are_checked_before_token() {
    let server = Server::shared();
    let client = server.anonymous().with_token("x");
    client.get("/nowhere").await.refused(404, "not_found");
    client.request(Method::PUT, "/projects").await.refused(405, "method_not_allowed");
}

#[tokio::test]
async fn token_is_checked_before_form() {
    let server = Server::shared();
    let client = server.anonymous();
    client.get("/tasks/x?limit=0").await.refused(401, "token_missing");
    client.request(Method::PATCH, "/tasks/x").body("text/plain", "x").await.refused(401, "token_missing");
    large(client.request(Method::POST, "/projects"), "application/json").await.refused(401, "token_missing");
    client.with_token("x").post("/projects", json!({})).await.refused(401, "token_invalid");
}

#[tokio::test]
async fn content_type_is_checked_before_size_and_syntax() {
    let server = Server::shared();
    let ann = server.register().await;
    large(patch(&ann, "/tasks/x"), "text/plain").await.refused(415, "unsupported_media_type");
    patch(&ann, "/tasks/x").body("text/plain", "{").await.refused(415, "unsupported_media_type");
    large(patch(&ann, "/tasks/x"), "application/json").await.refused(413, "payload_too_large");
    large(ann.request(Method::POST, "/auth/login"), "text/plain").await.refused(415, "unsupported_media_type");
}

#[tokio::test]
async fn form_is_checked_before_existence_and_permission() {
    let server = Server::shared();
    let (ann, eve) = (server.register().await, server.register().await);
    let project = ann.project().await;
    let task = ann.task(project, json!({})).await;
    for id in [task, MISSING] {
        let path = format!("/tasks/{id}");
        eve.patch(&path, json!({"title": ""})).await.invalid(&["title"]);
        patch(&eve, &path).body("application/json", "{").await.refused(400, "malformed_json");
        patch(&eve, &path).body("text/plain", "{}").await.refused(415, "unsupported_media_type");
        large(patch(&eve, &path), "application/json").await.refused(413, "payload_too_large");
        eve.get(format!("{path}/comments?limit=0")).await.invalid(&["query.limit"]);
        eve.get(format!("{path}/comments?cursor=x")).await.refused(400, "invalid_cursor");
        eve.delete(&path).header("if-match", "one").await.invalid(&["header.if-match"]);
    }
    eve.get("/users?role=x").await.invalid(&["query.role"]);
    eve.get("/users/x").await.invalid(&["path.id"]);
    eve.patch(format!("/users/{}", ann.id), json!({"role": "x"})).await.invalid(&["role"]);
}

#[tokio::test]
async fn permission_is_checked_before_state() {
    let server = Server::shared();
    let (ann, eve) = (server.register().await, server.register().await);
    let project = ann.project().await;
    let task = format!("/tasks/{}", ann.task(project, json!({})).await);
    let project = format!("/projects/{project}");
    ann.patch(&project, json!({"status": "archived"})).await.expect(200);

    let refused: [Answer; 4] = [
        eve.post(format!("{project}/tasks"), json!({"title": "Dig"})).await,
        eve.patch(&task, json!({"status": "done"})).await,
        eve.patch(&task, json!({"title": "Dig"})).header("if-match", r#""9""#).await,
        eve.get(&task).header("if-none-match", "*").await,
    ];
    for answer in refused {
        answer.refused(403, "forbidden");
    }
    let gone = format!("/tasks/{MISSING}");
    eve.delete(&gone).header("if-match", r#""9""#).await.refused(404, "not_found");
}
