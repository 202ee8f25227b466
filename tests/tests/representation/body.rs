use fasttrack_tests::{Account, Request, Server};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Maximum length of a request's body in bytes.
const MAX: usize = 64 * 1024;

fn post(account: &Account) -> Request {
    account.request(Method::POST, "/projects")
}

/// Returns a body of this many bytes that creates a project.
fn of_size(bytes: usize) -> Vec<u8> {
    let mut body = json!({"name": "Garden"}).to_string().into_bytes();
    body.resize(bytes, b' ');
    body
}

#[tokio::test]
async fn body_needs_json_content_type() {
    let server = Server::shared();
    let ann = server.register().await;
    let body = r#"{"name": "Garden"}"#;
    for right in ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/json;v=1"] {
        post(&ann).body(right, body).await.expect(201);
    }
    for wrong in [
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "application/merge-patch+json",
        "application/vnd.fasttrack.bare+json",
        "application/jsonp",
        "json",
        "",
    ] {
        post(&ann).body(wrong, body).await.refused(415, "unsupported_media_type");
    }
    post(&ann).untyped(body).await.refused(415, "unsupported_media_type");
}

#[tokio::test]
async fn missing_body_is_refused_with_any_type() {
    let server = Server::shared();
    let ann = server.register().await;
    post(&ann).await.refused(400, "malformed_json");
    post(&ann).body("application/json", "").await.refused(400, "malformed_json");
    post(&ann).body("text/plain", "").await.refused(415, "unsupported_media_type");
    ann.request(Method::POST, "/auth/logout").body("application/json", "").await.expect(200);
}

#[tokio::test]
async fn encoded_body_is_refused() {
    let server = Server::shared();
    let ann = server.register().await;
    let send = |coding| post(&ann).header("content-encoding", coding).body("application/json", r#"{"name": "Garden"}"#);
    send("gzip").await.refused(415, "unsupported_media_type");
    send("identity").await.expect(201);
}

#[tokio::test]
async fn patch_accepts_merge_patch_content_type() {
    let server = Server::shared();
    let ann = server.register().await;
    let path = format!("/projects/{}", ann.project().await);
    let send = |kind| ann.request(Method::PATCH, &path).body(kind, r#"{"name": "Yard"}"#);
    for right in ["application/merge-patch+json", "application/merge-patch+json; charset=utf-8", "application/json"] {
        send(right).await.expect(200);
    }
    for wrong in ["text/plain", "application/json-patch+json"] {
        send(wrong).await.refused(415, "unsupported_media_type");
    }
    let untyped = ann.request(Method::PATCH, &path).untyped("{}").await;
    untyped.refused(415, "unsupported_media_type");
}

#[tokio::test]
async fn body_has_at_most_64_kib() {
    let server = Server::shared();
    let ann = server.register().await;
    post(&ann).body("application/json", of_size(MAX)).await.expect(201);
    post(&ann).body("application/json", of_size(MAX + 1)).await.refused(413, "payload_too_large");
    assert_eq!(ann.get("/projects").await.expect(200).ids().len(), 1);
}

#[tokio::test]
async fn body_without_length_has_at_most_64_kib() {
    let server = Server::shared();
    let ann = server.register().await;
    for (size, status) in [(MAX, "HTTP/1.1 201"), (MAX + 1, "HTTP/1.1 413")] {
        let mut stream = TcpStream::connect(server.url().strip_prefix("http://").unwrap()).await.unwrap();
        let head = format!(
            "POST /projects HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{size:x}\r\n",
            ann.access_token
        );
        let request = [head.as_bytes(), &of_size(size), b"\r\n0\r\n\r\n"].concat();
        stream.write_all(&request).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with(status), "{answer}");
    }
}

#[tokio::test]
async fn invalid_json_is_malformed() {
    let server = Server::shared();
    let ann = server.register().await;
    let deep = "[".repeat(MAX);
    for wrong in [
        "",
        " ",
        "{",
        "name=Garden",
        r#"{"name": "Garden""#,
        r#"{"name": "Garden"} x"#,
        r#"{"name": "Garden"}{}"#,
        r#"{"name": 'Garden'}"#,
        r#"{"name": "Garden",}"#,
        r#"{name: "Garden"}"#,
        r#"{"name": "\ud800"}"#,
        "{\"name\": \"a\nb\"}",
        "\u{feff}{}",
        "NaN",
        &deep,
    ] {
        post(&ann).body("application/json", wrong).await.refused(400, "malformed_json");
    }
    post(&ann).body("application/json", b"{\"name\": \"\xff\"}".to_vec()).await.refused(400, "malformed_json");
}

#[tokio::test]
async fn json_of_wrong_type_is_invalid_and_named() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for value in ["1e400", "-1e400", &"9".repeat(400), &nested(130), &nested(5_000), "18446744073709551616"] {
        let body = format!(r#"{{"title": " ", "assignee_id": {value}, "status": "x"}}"#);
        let path = format!("/projects/{project}/tasks");
        let answer = ann.request(Method::POST, &path).body("application/json", body).await;
        answer.invalid(&["title", "assignee_id", "status"]);
        let body = format!(r#"{{"up_to": {value}, "more": [{value}, {{"deep": {value}}}]}}"#);
        let answer = ann.request(Method::POST, "/notifications/read").body("application/json", body).await;
        answer.refused(400, "validation_failed");
        post(&ann).body("application/json", value).await.invalid(&["body"]);
    }
    let body = r#"{"title": "Dig", "assignee_id": 1e400}"#;
    let answer = ann.request(Method::POST, format!("/projects/{project}/tasks")).body("application/json", body).await;
    let detail = answer.invalid(&["assignee_id"]).json()["error"]["details"][0].clone();
    assert_eq!(detail["code"], "out_of_range");
    assert!(detail["message"].as_str().unwrap().contains("64 bits"), "{detail}");
    let wrong = format!("{{\"name\": {}", nested(130));
    post(&ann).body("application/json", wrong).await.refused(400, "malformed_json");
}

#[tokio::test]
async fn json_that_is_no_object_is_invalid() {
    let server = Server::shared();
    let ann = server.register().await;
    let path = format!("/projects/{}", ann.project().await);
    for wrong in [Value::Null, json!([]), json!([{"name": "Garden"}]), json!("Garden"), json!(7), json!(true)] {
        ann.post("/projects", wrong.clone()).await.refused(400, "validation_failed");
        ann.patch(&path, wrong.clone()).await.refused(400, "validation_failed");
        ann.post("/auth/login", wrong).await.refused(400, "validation_failed");
    }
}

#[tokio::test]
async fn unknown_field_is_named() {
    let server = Server::shared();
    let ann = server.register().await;
    for name in ["Name", "name ", "名", "role", "__proto__"] {
        ann.post("/projects", json!({"name": "Garden", name: 1})).await.invalid(&[name]);
    }
}

#[tokio::test]
async fn deeply_nested_json_is_refused_safely() {
    let server = Server::shared();
    let ann = server.register().await;
    let nested = format!(r#"{{"name": "Garden", "description": {}{}}}"#, "[".repeat(20_000), "]".repeat(20_000));
    post(&ann).body("application/json", nested).await.expect(400);
    ann.get("/projects").await.expect(200);
}
