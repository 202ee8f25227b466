//! The operations of the document and of the server.

use fasttrack_tests::{
    Client, ENVELOPE, MISSING, PASSWORD, Server,
    jwt::Forge,
    operations::{known_operations, with_ids},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Operations that need no token. This list may only shrink.
const PUBLIC: [&str; 10] = [
    "GET /.well-known/jwks.json",
    "GET /health/live",
    "GET /health/ready",
    "POST /api/auth/signup",
    "POST /auth/email/verify",
    "POST /auth/login",
    "POST /auth/password/forgot",
    "POST /auth/password/reset",
    "POST /auth/refresh",
    "POST /auth/register",
];

/// Returns the operations that need a token.
fn protected() -> BTreeSet<String> {
    let mut operations = known_operations();
    operations.retain(|name| !PUBLIC.contains(&name.as_str()));
    operations
}

pub async fn document(client: &Client) -> Value {
    let answer = client.get("/openapi.json").await.expect(200);
    assert!(answer.header("content-type").unwrap().starts_with("application/json"));
    answer.json()
}

/// Returns every operation by its name, like `GET /tasks/{id}`.
pub fn operations(document: &Value) -> Vec<(String, &Value)> {
    let methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            let operations = item.as_object().unwrap().iter().filter(|(method, _)| methods.contains(&method.as_str()));
            operations.map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
        })
        .collect()
}

/// Returns what a `$ref` refers to, or the value itself.
pub fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        None => value,
        Some(reference) => {
            let target = document.pointer(reference.strip_prefix('#').unwrap());
            resolve(document, target.unwrap_or_else(|| panic!("{reference} refers to nothing")))
        }
    }
}

fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str));
            object.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

/// An example of the whole body, or of the payload in its envelope.
fn has_example(document: &Value, media: &Value) -> bool {
    let given = |value: &Value| value.get("example").or(value.get("examples")).is_some();
    let schema = resolve(document, &media["schema"]);
    given(media) || given(schema) || given(resolve(document, &schema["properties"]["data"]))
}

#[tokio::test]
async fn document_lists_exactly_the_known_operations() {
    let server = Server::shared();
    let document = document(&server.anonymous()).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."), "{}", document["openapi"]);
    for text in ["title", "version"] {
        assert!(!document["info"][text].as_str().unwrap().is_empty());
    }
    let listed: BTreeSet<_> = operations(&document).into_iter().map(|(name, _)| name).collect();
    let known = known_operations();
    assert_eq!(listed, known);
    assert!(PUBLIC.iter().all(|name| known.contains(*name)));
}

#[tokio::test]
async fn operation_needs_token_unless_listed_as_public() {
    let server = Server::shared();
    let client = server.anonymous();
    let document = document(&client).await;
    for (name, operation) in operations(&document) {
        let (method, path) = name.split_once(' ').unwrap();
        let method: Method = method.parse().unwrap();
        let answer = client.request(method, with_ids(path, 1)).accept(ENVELOPE).await;
        let security = operation.get("security").or(document.get("security")).and_then(Value::as_array);
        let open = security.is_none_or(|all| all.is_empty() || all.contains(&Value::Object(serde_json::Map::new())));
        assert_eq!(open, PUBLIC.contains(&name.as_str()), "{name} says of its security: {security:?}");
        if open {
            assert_ne!(answer.code(), "token_missing", "{name}");
        } else {
            let answer = answer.refused(401, "token_missing");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{name}");
            assert!(operation["responses"].get("401").is_some(), "{name}");
        }
    }
}

#[tokio::test]
async fn token_of_missing_user_is_refused_everywhere() {
    let server = Server::start();
    let client = server.anonymous();
    let gone = server.register().await;
    let login = json!({"email": gone.email, "password": PASSWORD});
    let unseen = client.post("/auth/login", login).await.expect(200).data();
    let unseen = unseen["access_token"].as_str().unwrap().to_owned();
    let ticket = gone.post("/ws/ticket", json!({})).await.expect(201).data();
    let missing = Forge::new(&server, &gone.access_token).claim("sub", MISSING.to_string()).sign();
    let elsewhere = Forge::new(&server, &gone.access_token).claim("sid", MISSING.to_string()).sign();
    server.installation().sql(&format!("PRAGMA foreign_keys = OFF; DELETE FROM users WHERE id = {}", gone.id));

    let document = document(&client).await;
    for token in [&missing, &elsewhere, &unseen] {
        let client = client.with_token(token);
        for name in protected() {
            let (method, path) = name.split_once(' ').unwrap();
            let method: Method = method.parse().unwrap();
            let answer = client.request(method, with_ids(path, gone.id)).accept(ENVELOPE).await;
            assert_eq!(answer.code(), "token_revoked", "{name}");
            answer.refused(401, "token_revoked");
        }
        for path in ["/ws", "/events"] {
            client.get(format!("{path}?token={token}")).await.refused(401, "token_revoked");
        }
    }
    assert!(operations(&document).iter().all(|(name, _)| known_operations().contains(name)));
    let ticket = ticket["ticket"].as_str().unwrap();
    client.get(format!("/events?ticket={ticket}")).await.refused(401, "token_revoked");

    // One that this node took before: what needs the account finds that it's gone.
    gone.get("/auth/me").await.refused(401, "token_revoked");
    gone.get("/users/me").await.refused(401, "token_revoked");
    gone.patch("/users/me", json!({"display_name": "Ann"})).await.refused(401, "token_revoked");
    gone.post("/projects", json!({"name": "Garden"})).await.refused(401, "token_revoked");
    let change = json!({"current_password": PASSWORD, "new_password": "another horse battery"});
    gone.post("/auth/password/change", change).await.refused(401, "token_revoked");
    let body = json!({"refresh_token": gone.refresh_token});
    client.post("/auth/refresh", body).await.refused(401, "invalid_refresh_token");
}

#[tokio::test]
async fn every_operation_has_summary_examples_and_responses() {
    let server = Server::shared();
    let document = document(&server.anonymous()).await;
    let mut ids = BTreeSet::new();
    let mut lacking = Vec::new();
    for (name, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        if id.is_empty() || !ids.insert(id) {
            lacking.push(format!("{name}: an id of its own, not {id:?}"));
        }
        if operation["summary"].as_str().is_none_or(str::is_empty) {
            lacking.push(format!("{name}: a summary"));
        }
        if operation["tags"].as_array().is_none_or(Vec::is_empty) {
            lacking.push(format!("{name}: a tag"));
        }
        let body = resolve(&document, &operation["requestBody"])["content"].as_object();
        for (media_type, media) in body.into_iter().flatten() {
            if !has_example(&document, media) {
                lacking.push(format!("{name}: an example of a request in {media_type}"));
            }
        }
        let responses = operation["responses"].as_object().unwrap();
        if !responses.keys().any(|status| status.starts_with('2') || status == "101") {
            lacking.push(format!("{name}: a success"));
        }
        for (status, response) in responses {
            let response = resolve(&document, response);
            if response["description"].as_str().is_none_or(str::is_empty) {
                lacking.push(format!("{name}: a description of {status}"));
            }
            let bodiless = ["204", "304"].contains(&status.as_str());
            let media = response["content"].as_object().into_iter().flatten().collect::<Vec<_>>();
            if media.is_empty() != bodiless {
                lacking.push(format!("{name}: the right body of {status}"));
            }
            for (media_type, media) in media {
                if status.starts_with('2') && !has_example(&document, media) {
                    lacking.push(format!("{name}: an example of {status} in {media_type}"));
                }
            }
        }
    }
    assert!(lacking.is_empty(), "{lacking:#?}");
}

#[tokio::test]
async fn responses_are_described_in_default_representation() {
    let server = Server::shared();
    let document = document(&server.anonymous()).await;
    for (name, operation) in operations(&document) {
        // What follows 101 are messages, and no answer.
        let answers = operation["responses"].as_object().unwrap().iter().filter(|(status, _)| *status != "101");
        for (status, response) in answers {
            let is_success = status.starts_with('2');
            let always_bare = ["GET /.well-known/jwks.json", "GET /users/me/export"].contains(&name.as_str());
            let is_bare = name.contains(" /api/") || (is_success && always_bare);
            let content = resolve(&document, response)["content"].as_object();
            let json = |media_type: &str| media_type.ends_with("json");
            for (media_type, media) in content.into_iter().flatten().filter(|(media_type, _)| json(media_type)) {
                let schema = resolve(&document, &media["schema"]);
                let has = |parts: &[&str]| parts.iter().all(|part| schema["properties"].get(part).is_some());
                assert_eq!(has(&["data", "error", "meta"]), !is_bare, "{name} {status} {media_type}");
                let is_problem = has(&["type", "title", "status", "detail", "code", "request_id", "errors"]);
                assert_eq!(is_problem, is_bare && !is_success, "{name} {status} {media_type}");
                assert_eq!(media_type == "application/problem+json", is_problem, "{name} {status}");
            }
        }
    }
}

#[tokio::test]
async fn every_reference_in_document_resolves() {
    let server = Server::shared();
    let document = document(&server.anonymous()).await;
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for reference in found {
        assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
    }
}
