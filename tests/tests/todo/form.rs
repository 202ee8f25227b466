//! The fields of todos, and the validation of requests for them.

use super::{get, is_todo, path, todo};
use fasttrack_tests::{BARE, ENVELOPE, MISSING, Server, has_fields};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn todo_is_bare_without_unused_fields() {
    let server = Server::shared();
    let ann = server.register().await;
    assert_eq!(ann.get(path(&ann)).await.expect(200).json(), json!([]));
    assert_eq!(ann.get("/projects").await.expect(200).items(), [] as [Value; 0], "looking makes nothing");
    let fields = json!({"title": "Dig", "description": "Deep", "completed": true});
    for body in [json!({"title": "Dig"}), json!({"title": " Dig ", "description": null}), fields] {
        let made = ann.post(path(&ann), body.clone()).await.expect(201);
        let todo = made.json();
        let expected = json!({
            "title": "Dig", "description": body.get("description"), "completed": body["completed"] == true,
        });
        is_todo(&todo, &ann, &expected);
        let location = format!("{}/{}", path(&ann), todo["id"]);
        assert_eq!(made.header("location"), Some(&*location));
        assert_eq!((made.etag(), made.header("content-type")), (r#""1""#, Some("application/json")));
        assert_eq!(made.header("vary"), Some("Accept"));
        let shown = ann.get(&location).await.expect(200);
        assert_eq!((shown.json(), shown.etag()), (todo.clone(), r#""1""#));
        let listed = ann.get(path(&ann)).await.expect(200);
        assert_eq!(listed.json().as_array().unwrap().last(), Some(&todo));
        assert_eq!(listed.header("link"), None);
    }
    assert_eq!(ann.get(path(&ann)).await.expect(200).json().as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn accept_chooses_representation_of_todos() {
    let server = Server::shared();
    let ann = server.register().await;
    let one = todo(&ann, json!({})).await;
    let bare = get(&ann, &one).await;
    assert_eq!(ann.get(&one).accept(BARE).await.expect(200).json(), bare);
    assert_eq!(ann.get(&one).accept(ENVELOPE).await.expect(200).data(), bare);
    assert_eq!(ann.get(path(&ann)).accept(ENVELOPE).await.expect(200).data(), json!([bare]));
    ann.get("/api/0/tasks").accept(ENVELOPE).await.refused(403, "forbidden");
    ann.get(format!("{}/x", path(&ann))).accept(ENVELOPE).await.invalid(&["path.task_id"]);
    assert_eq!(ann.get("/api/0/tasks").await.problem(403, "forbidden"), [] as [&str; 0]);
}

#[tokio::test]
async fn every_invalid_todo_field_is_named() {
    let server = Server::shared();
    let ann = server.register().await;
    let one = todo(&ann, json!({})).await;
    let long = "x".repeat(10_001);
    // What POST and PUT refuse, what PATCH does, and why.
    let cases = [
        (json!({}), true, false, vec!["title"]),
        (json!({"title": null}), true, true, vec!["title"]),
        (json!({"title": " "}), true, true, vec!["title"]),
        (json!({"title": "x".repeat(201)}), true, true, vec!["title"]),
        (json!({"title": "a\u{0}"}), true, true, vec!["title"]),
        (json!({"title": 7}), true, true, vec!["title"]),
        (json!({"title": "x", "description": long}), true, true, vec!["description"]),
        (json!({"title": "x", "description": false}), true, true, vec!["description"]),
        (json!({"title": "x", "completed": null}), true, true, vec!["completed"]),
        (json!({"title": "x", "completed": "true"}), true, true, vec!["completed"]),
        (json!({"title": "x", "completed": 1}), true, true, vec!["completed"]),
        (json!({"title": "x", "due": "soon"}), true, true, vec!["due"]),
        (json!({"title": "x", "due": 7}), true, true, vec!["due"]),
        (json!({"title": "x", "reminders": []}), true, true, vec!["reminders"]),
        (json!({"title": "x", "status": "done"}), true, true, vec!["status"]),
        (json!({"title": "", "user_id": 1, "completed": 0}), true, true, vec!["completed", "title", "user_id"]),
        (json!([]), true, true, vec!["body"]),
        (json!("x"), true, true, vec!["body"]),
    ];
    for (body, whole, patch, fields) in cases {
        if whole {
            assert_eq!(ann.post(path(&ann), body.clone()).await.problem(400, "validation_failed"), fields, "{body}");
            assert_eq!(ann.put(&one, body.clone()).await.problem(400, "validation_failed"), fields, "{body}");
        }
        if patch {
            assert_eq!(ann.patch(&one, body.clone()).await.problem(400, "validation_failed"), fields, "{body}");
        }
    }
    let complete = format!("{one}/complete");
    for (body, fields) in [
        (json!({}), vec!["completed"]),
        (json!({"completed": null}), vec!["completed"]),
        (json!({"completed": "yes"}), vec!["completed"]),
        (json!({"completed": true, "title": "x"}), vec!["title"]),
        (json!(true), vec!["body"]),
        (json!(null), vec!["body"]),
    ] {
        assert_eq!(ann.patch(&complete, body.clone()).await.problem(400, "validation_failed"), fields, "{body}");
    }
    assert_eq!(ann.get(&one).await.expect(200).etag(), r#""1""#);
    assert_eq!(ann.get(path(&ann)).await.expect(200).json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn todo_body_type_size_and_syntax_are_checked() {
    let server = Server::shared();
    let ann = server.register().await;
    let one = todo(&ann, json!({})).await;
    let complete = format!("{one}/complete");
    for (method, path) in
        [(Method::POST, &path(&ann)), (Method::PUT, &one), (Method::PATCH, &one), (Method::PATCH, &complete)]
    {
        let send = || ann.request(method.clone(), path);
        send().body("text/plain", "{}").await.problem(415, "unsupported_media_type");
        send().untyped("{}").await.problem(415, "unsupported_media_type");
        send().body("application/json", vec![b' '; 64 * 1024 + 1]).await.problem(413, "payload_too_large");
        send().body("application/json", "{").await.problem(400, "malformed_json");
        let merge = send().body("application/merge-patch+json", r#"{"title": "Dig", "completed": true}"#).await;
        match (&method, path == &complete) {
            (&Method::PATCH, false) => drop(merge.expect(200)),
            (&Method::PATCH, true) => assert_eq!(merge.problem(400, "validation_failed"), ["title"]),
            _ => drop(merge.problem(415, "unsupported_media_type")),
        }
    }
    // Only completing needs none.
    ann.request(Method::POST, path(&ann)).await.problem(400, "malformed_json");
    ann.request(Method::PUT, &one).await.problem(400, "malformed_json");
    ann.request(Method::PATCH, &one).await.problem(400, "malformed_json");
}

#[tokio::test]
async fn every_invalid_path_and_query_part_is_named() {
    let server = Server::shared();
    let ann = server.register().await;
    for id in ["x", "1.0", "007", "+1", "9223372036854775808", "%20", "1%2F"] {
        let path = format!("{}/{id}", path(&ann));
        for method in [Method::GET, Method::DELETE] {
            assert_eq!(ann.request(method, &path).await.problem(400, "validation_failed"), ["path.task_id"]);
        }
        let both = ann.put(&path, json!({"title": ""})).header("if-match", "1").await;
        assert_eq!(both.problem(400, "validation_failed"), ["header.if-match", "path.task_id", "title"]);
        let toggle = ann.request(Method::PATCH, format!("{path}/complete")).await;
        assert_eq!(toggle.problem(400, "validation_failed"), ["path.task_id"]);
    }
    for (query, field) in [
        ("limit=0", "query.limit"),
        ("limit=1001", "query.limit"),
        ("limit=x", "query.limit"),
        ("completed=1", "query.completed"),
        ("completed=", "query.completed"),
        ("completed=True", "query.completed"),
    ] {
        let answer = ann.get(format!("{}?{query}", path(&ann))).await;
        assert_eq!(answer.problem(400, "validation_failed"), [field], "{query}");
    }
    ann.get(format!("{}?cursor=x", path(&ann))).await.problem(400, "invalid_cursor");
    ann.get(format!("{}?limit=1000&unknown=1", path(&ann))).await.expect(200);
    ann.get(format!("{}/{MISSING}", path(&ann))).await.problem(404, "not_found");
}

#[tokio::test]
async fn unsupported_todo_method_is_405_with_allow() {
    let server = Server::shared();
    for client in [&*server.register().await, &server.anonymous()] {
        for (method, path, allowed) in [
            (Method::GET, "/api/auth/signup", vec!["POST"]),
            (Method::PUT, "/api/1/tasks", vec!["GET", "POST"]),
            (Method::PATCH, "/api/a%2Fb/tasks", vec!["GET", "POST"]),
            (Method::POST, "/api/1/tasks/1", vec!["DELETE", "GET", "PATCH", "PUT"]),
            (Method::POST, "/api/1/tasks/1/complete", vec!["PATCH"]),
            (Method::GET, "/api/x/tasks/x/complete", vec!["PATCH"]),
        ] {
            let answer = client.request(method, path).await;
            let mut allow: Vec<_> = answer.header("allow").unwrap().split(", ").map(str::to_owned).collect();
            answer.problem(405, "method_not_allowed");
            allow.retain(|method| method != "HEAD");
            allow.sort_unstable();
            assert_eq!(allow, allowed, "{path}");
        }
        for path in ["/api", "/api/1", "/api//tasks", "/api/1/tasks/1/done", "/api/1/tasks/1/complete/x", "/api/auth"] {
            let answer = client.get(path).await.expect(404);
            assert_eq!(answer.code(), "not_found", "{path}");
        }
    }
}

#[tokio::test]
async fn problem_has_request_id_and_fields() {
    let server = Server::shared();
    let ann = server.register().await;
    let answer = ann.post(path(&ann), json!({"title": ""})).header("x-request-id", "r-1").await;
    let problem = answer.json();
    assert_eq!((answer.header("x-request-id"), &problem["request_id"]), (Some("r-1"), &json!("r-1")));
    has_fields(&problem["errors"][0], &["field", "code", "message"]);
}
