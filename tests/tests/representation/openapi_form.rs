//! Descriptions, examples and formats in the document.

use super::openapi::{document, operations, resolve};
use fasttrack_tests::{Client, Request, Server, operations::with_ids};
use reqwest::Method;
use serde_json::{Value, json};

/// Counts the sentences of a text, which has no abbreviations.
fn sentences(text: &str) -> usize {
    let words: Vec<_> = text.split_whitespace().collect();
    words.iter().filter(|word| word.trim_end_matches([')', '`', '"']).ends_with(['.', '!', '?'])).count()
}

#[tokio::test]
async fn every_operation_describes_access_and_effects() {
    let server = Server::shared();
    let document = document(&server.anonymous()).await;
    let mut lacking = Vec::new();
    for (name, operation) in operations(&document) {
        let description = operation["description"].as_str().unwrap_or_default();
        if !description.starts_with("For ") {
            lacking.push(format!("{name}: begins with who may, like `For every user.`, not: {description}"));
        }
        if sentences(description) < 2 {
            lacking.push(format!("{name}: two sentences or more, not: {description}"));
        }
        let summary = operation["summary"].as_str().unwrap_or_default();
        if summary.len() > 80 || summary.contains('\n') || sentences(summary) > 1 {
            lacking.push(format!("{name}: a summary of one short line, not: {summary}"));
        }
    }
    assert!(lacking.is_empty(), "{lacking:#?}");
}

#[tokio::test]
async fn document_starts_with_registration() {
    let server = Server::shared();
    let answer = server.anonymous().get("/openapi.json").await.expect(200);
    let at = |text: &str| answer.body.find(text).unwrap_or_else(|| panic!("no {text}"));
    let ids =
        ["register", "login", "refresh", "getMe", "createProject", "createTask", "createComment", "signUp", "live"];
    let places: Vec<_> = ids.iter().map(|id| at(&format!("\"operationId\":\"{id}\""))).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert_eq!(answer.body.find("\"operationId\""), Some(places[0]));
}

/// Sends a request with the error that an example shows.
fn faulty(client: &Client, name: &str, user_id: i64, fault: &Value) -> Request {
    let (method, path) = name.split_once(' ').unwrap();
    let (field, code) = (fault["field"].as_str().unwrap(), fault["code"].as_str().unwrap());
    let path = match field.strip_prefix("path.") {
        Some(parameter) => path.replace(&format!("{{{parameter}}}"), "x"),
        None => path.to_owned(),
    };
    let path = with_ids(&path.replace("{user_id}", &user_id.to_string()), 1);
    let query = match field {
        "query.limit" => "?limit=0",
        "query.since" => "?since=-1",
        _ => "",
    };
    let body = match code {
        "required" => json!({}),
        "wrong_type" => json!({field: 1}),
        _ => Value::Null,
    };
    let request = client.request(method.parse().unwrap(), format!("{path}{query}"));
    if body.is_null() { request } else { request.body("application/json", body.to_string()) }
}

#[tokio::test]
async fn error_examples_match_the_server() {
    let server = Server::start();
    let admin = server.admin().await;
    let document = document(&admin).await;
    let mut tried = 0;
    for (name, operation) in operations(&document) {
        let content = &resolve(&document, &operation["responses"]["400"])["content"];
        for media in content.as_object().into_iter().flat_map(|content| content.values()) {
            let example = &media["example"];
            let (code, faults) = match example.get("error") {
                Some(error) => (&error["code"], &error["details"]),
                None => (&example["code"], &example["errors"]),
            };
            let fault = &faults[0];
            if code == "validation_failed" {
                assert!(fault.is_object(), "{name} shows no field: {example:#}");
                let answer = faulty(&admin, &name, admin.id, fault).await.json();
                let details = answer.pointer("/error/details").or(answer.get("errors"));
                let details = details.and_then(Value::as_array).unwrap_or_else(|| panic!("{name}: {answer:#}"));
                assert!(details.contains(fault), "{name}: {fault:#} is not in {answer:#}");
                tried += 1;
            }
        }
    }
    assert!(tried > 25, "{tried}");
}

#[tokio::test]
async fn every_patch_lists_both_media_types_of_its_body() {
    let server = Server::shared();
    let ann = server.register().await;
    let document = document(&ann).await;
    let mut patches = 0;
    for (name, operation) in operations(&document) {
        let Some(content) = resolve(&document, &operation["requestBody"])["content"].as_object() else { continue };
        let media_types: Vec<_> = content.keys().map(String::as_str).collect();
        let Some(path) = name.strip_prefix("PATCH ") else {
            assert_eq!(media_types, ["application/json"], "{name}");
            continue;
        };
        assert_eq!(media_types, ["application/json", "application/merge-patch+json"], "{name}");
        assert_eq!(content["application/json"], content["application/merge-patch+json"], "{name}");
        let path = with_ids(&path.replace("{user_id}", &ann.id.to_string()), 1);
        for media_type in media_types {
            let answer = ann.request(Method::PATCH, &path).body(media_type, "{}").await;
            assert_ne!(answer.status, 415, "{answer:#?}");
        }
        let answer = ann.request(Method::PATCH, &path).body("text/plain", "{}").await;
        assert_eq!(answer.code(), "unsupported_media_type", "{answer:#?}");
        patches += 1;
    }
    assert!(patches > 5, "{patches}");
}

#[tokio::test]
async fn success_examples_contain_no_error() {
    let server = Server::shared();
    let document = document(&server.anonymous()).await;
    for (name, operation) in operations(&document) {
        let answers = operation["responses"].as_object().unwrap().iter().filter(|(status, _)| status.starts_with('2'));
        for (_, answer) in answers {
            let example = &answer["content"]["application/json"]["example"];
            assert!(example["error"].is_null(), "{name}: {example:#}");
        }
    }
}

/// Every part of a schema that may be a number, or refer to one, by its name.
fn numbers<'a>(name: &'a str, schema: &'a Value, found: &mut Vec<(&'a str, &'a Value)>) {
    if schema["type"] == "integer" || schema["type"].as_array().is_some_and(|kinds| kinds.contains(&json!("integer"))) {
        found.push((name, schema));
    }
    for (name, part) in schema["properties"].as_object().into_iter().flatten() {
        numbers(name, part, found);
    }
    for part in ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|key| schema[key].as_array()).flatten() {
        numbers(name, part, found);
    }
    if schema["items"].is_object() {
        numbers(name, &schema["items"], found);
    }
}

#[tokio::test]
async fn ids_etags_and_cursors_have_formats_in_document() {
    let server = Server::shared();
    let document = document(&server.anonymous()).await;
    let mut found = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        numbers(name, schema, &mut found);
    }
    for (_, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let (name, schema) = (parameter["name"].as_str().unwrap(), &parameter["schema"]);
            numbers(name, schema, &mut found);
            match name {
                "If-Match" | "If-None-Match" | "cursor" => assert!(schema["pattern"].is_string(), "{parameter}"),
                "user_id" if schema["type"] == "string" => {
                    assert_eq!((&schema["minLength"], &schema["maxLength"]), (&json!(1), &json!(255)), "{parameter}");
                }
                _ => {}
            }
        }
    }
    assert!(found.len() > 40, "{found:#?}");
    for (name, schema) in found {
        let is_id = ["id", "version", "seq"].contains(&name) || name.ends_with("_id");
        assert!(schema["minimum"].as_i64().is_some_and(|least| !is_id || least == 1), "{name}: {schema}");
    }
}

fn refuse_null_alone(value: &Value, place: &str) {
    // One of several types may be null; generators break where it is the only one.
    assert!(value["type"] != "null" || place.contains("/oneOf/"), "{place}");
    for (key, part) in value.as_object().into_iter().flatten() {
        if key != "example" {
            refuse_null_alone(part, &format!("{place}/{key}"));
        }
    }
    for (index, part) in value.as_array().into_iter().flatten().enumerate() {
        refuse_null_alone(part, &format!("{place}/{index}"));
    }
}

#[tokio::test]
async fn no_schema_is_null_alone() {
    let server = Server::shared();
    let document = document(&server.anonymous()).await;
    refuse_null_alone(&document["components"]["schemas"], "");
    refuse_null_alone(&document["paths"], "");
}
