use fasttrack_tests::{Answer, BARE, Client, ENVELOPE, Server, has_fields};
use reqwest::Method;
use serde_json::{Value, json};

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

#[track_caller]
fn media_type(answer: &Answer) -> &str {
    answer.header("content-type").unwrap().split(';').next().unwrap().trim()
}

#[track_caller]
fn varies(answer: &Answer) {
    let vary = answer.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join(",");
    assert!(vary.split(',').any(|name| name.trim().eq_ignore_ascii_case("accept")), "{answer:#?}");
}

/// Whether the response to this `Accept` header, or to none, is bare.
async fn comes_bare(client: &Client, path: &str, accept: Option<&str>) -> bool {
    let request = client.get(path);
    let answer = match accept {
        Some(accept) => request.accept(accept).await,
        None => request.await,
    };
    varies(&answer);
    let envelope = answer.json().get("meta").is_some();
    let expected = if envelope || answer.status < 400 { JSON } else { PROBLEM };
    assert_eq!(media_type(&answer), expected);
    !envelope
}

#[tokio::test]
async fn accept_chooses_representation_of_success_and_error() {
    let server = Server::shared();
    let ann = server.register().await;
    let table = [
        (None, false),
        (Some("*/*"), false),
        (Some("application/*"), false),
        (Some("application/json"), false),
        (Some("application/problem+json"), false),
        (Some("text/html"), false),
        (Some("nonsense"), false),
        (Some(""), false),
        (Some("application/vnd.fasttrack.unknown+json"), false),
        (Some(ENVELOPE), false),
        (Some(BARE), true),
        (Some("application/vnd.fasttrack.bare+json; charset=utf-8"), true),
        (Some("Application/Vnd.Fasttrack.Bare+JSON"), true),
        (Some("text/html, application/vnd.fasttrack.bare+json;q=0.5, */*;q=0.1"), true),
        (Some("application/vnd.fasttrack.bare+json;q=0.1, application/vnd.fasttrack.envelope+json;q=0.9"), false),
        (Some("application/vnd.fasttrack.envelope+json;q=0.1, application/vnd.fasttrack.bare+json"), true),
        (Some("application/vnd.fasttrack.bare+json;q=0"), false),
    ];
    for (accept, bare) in table {
        for path in ["/users/me", "/health/live", "/tasks/0", "/tasks/x", "/users", "/nowhere"] {
            assert_eq!(comes_bare(&ann, path, accept).await, bare, "{path} for {accept:?}");
        }
        // Also where the answer is made before the route is known.
        assert_eq!(comes_bare(&server.anonymous(), "/users/me", accept).await, bare, "401 for {accept:?}");
    }
}

#[tokio::test]
async fn default_below_api_is_bare() {
    let server = Server::shared();
    for (accept, bare) in [(None, true), (Some("*/*"), true), (Some(JSON), true), (Some(ENVELOPE), false)] {
        assert_eq!(comes_bare(&server.anonymous(), "/api/nowhere", accept).await, bare, "{accept:?}");
    }
}

#[tokio::test]
async fn envelope_has_payload_or_error_and_request_id() {
    let server = Server::shared();
    let ann = server.register().await;
    let answer = ann.get("/users/me").accept(ENVELOPE).await.expect(200);
    let body = answer.json();
    has_fields(&body, &["data", "error", "meta"]);
    has_fields(&body["meta"], &["request_id"]);
    assert_eq!(body["meta"]["request_id"].as_str(), answer.header("x-request-id"));
    assert_eq!(body["error"], Value::Null);
    assert_eq!(body["data"]["id"], ann.id);

    let answer = ann.get("/tasks?limit=0").await.invalid(&["query.limit"]);
    let body = answer.json();
    has_fields(&body, &["data", "error", "meta"]);
    has_fields(&body["meta"], &["request_id"]);
    has_fields(&body["error"], &["code", "message", "details"]);
    has_fields(&body["error"]["details"][0], &["field", "code", "message"]);
    assert_eq!(body["meta"]["request_id"].as_str(), answer.header("x-request-id"));

    let answer = ann.get("/tasks/0").await.refused(404, "not_found");
    assert_eq!(answer.json()["error"]["details"], json!([]));
}

#[tokio::test]
async fn bare_success_is_the_payload() {
    let server = Server::shared();
    let ann = server.register().await;
    for path in ["/users/me", "/projects", "/health/live"] {
        let envelope = ann.get(path).await.expect(200);
        let bare = ann.get(path).accept(BARE).await.expect(200);
        assert_eq!(bare.json(), envelope.data());
    }
    let made = ann.post("/projects", json!({"name": "Garden"})).accept(BARE).await.expect(201);
    assert_eq!((media_type(&made), &made.json()["name"]), (JSON, &json!("Garden")));
    assert_eq!(made.etag(), r#""1""#);
}

#[tokio::test]
async fn bare_error_is_a_problem() {
    let server = Server::shared();
    let ann = server.register().await;
    let wrong = json!({"email": ann.email, "password": "wrong horse"});
    let text = ann.request(Method::POST, "/projects").body("text/plain", "{}");
    let broken = ann.request(Method::POST, "/projects").body("application/json", "{");
    let requests = [
        (400, "validation_failed", ann.get("/tasks?limit=0&status=x")),
        (400, "invalid_cursor", ann.get("/tasks?cursor=x")),
        (400, "malformed_json", broken),
        (401, "token_missing", server.anonymous().get("/tasks")),
        (401, "token_invalid", server.anonymous().with_token("x").get("/tasks")),
        (401, "invalid_credentials", ann.post("/auth/login", wrong)),
        (403, "forbidden", ann.get("/users")),
        (404, "not_found", ann.get("/tasks/0")),
        (405, "method_not_allowed", ann.delete("/users")),
        (415, "unsupported_media_type", text),
    ];
    for (status, code, request) in requests {
        let answer = request.accept(BARE).await.expect(status);
        assert_eq!(media_type(&answer), PROBLEM);
        let problem = answer.json();
        has_fields(&problem, &["type", "title", "status", "detail", "code", "request_id", "errors"]);
        assert_eq!((&problem["status"], &problem["code"]), (&json!(status), &json!(code)));
        assert_eq!(problem["request_id"].as_str(), answer.header("x-request-id"));
        for text in ["type", "title", "detail"] {
            assert!(problem[text].as_str().is_some_and(|text| !text.is_empty()), "{problem:#}");
        }
        let errors = problem["errors"].as_array().unwrap();
        assert!(code != "validation_failed" || errors.len() == 2, "{problem:#}");
        for error in errors {
            has_fields(error, &["field", "code", "message"]);
        }
    }
}
