//! Labels of a project.

use super::{label, shown};
use fasttrack_tests::{Answer, MISSING, Server, all, has_fields};
use serde_json::{Value, json};

#[tokio::test]
async fn labels_are_created_listed_changed_and_deleted() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let list = format!("/projects/{project}/labels");
    let first = ann.post(&list, json!({"name": " Urgent\t"})).await.expect(201).data();
    has_fields(&first, &["id", "project_id", "name", "color"]);
    let expected = json!({"id": first["id"], "project_id": project, "name": "Urgent", "color": "#808080"});
    assert_eq!(first, expected);
    let longest = "ß".repeat(50);
    let second = ann.post(&list, json!({"name": longest, "color": "#1e90ff"})).await.expect(201).data();
    assert_eq!((&second["name"], &second["color"]), (&json!(longest), &json!("#1e90ff")));
    assert_eq!(ann.get(&list).await.expect(200).items(), [first.clone(), second.clone()]);

    let path = format!("/labels/{}", first["id"]);
    for (patch, name, color) in [
        (json!({}), "Urgent", "#808080"),
        (json!({"name": "Soon"}), "Soon", "#808080"),
        (json!({"color": "#000000"}), "Soon", "#000000"),
        (json!({"name": "SOON", "color": "#ffffff"}), "SOON", "#ffffff"),
    ] {
        let changed = ann.patch(&path, patch).await.expect(200).data();
        assert_eq!(changed, json!({"id": first["id"], "project_id": project, "name": name, "color": color}));
        assert_eq!(ann.get(&list).await.expect(200).items()[0], changed);
    }
    assert_eq!(ann.delete(&path).await.expect(204).body, "");
    assert_eq!(ann.get(&list).await.expect(200).items(), [second]);
    ann.delete(&path).await.refused(404, "not_found");
    ann.patch(&path, json!({"name": "Later"})).await.refused(404, "not_found");
}

#[tokio::test]
async fn wrong_label_values_are_named() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let list = format!("/projects/{project}/labels");
    let path = format!("/labels/{}", label(&ann, project, "Urgent").await);
    for (field, wrong) in [
        ("name", Value::Null),
        ("name", json!("")),
        ("name", json!(" \n")),
        ("name", json!("x".repeat(51))),
        ("name", json!("a\u{0}b")),
        ("name", json!(7)),
        ("color", json!("")),
        ("color", json!("red")),
        ("color", json!("808080")),
        ("color", json!("#fff")),
        ("color", json!("#12345g")),
        ("color", json!("#1234567")),
        ("color", json!(0)),
        ("id", json!(1)),
        ("project_id", json!(1)),
    ] {
        let mut body = json!({"name": "Soon"});
        body[field] = wrong.clone();
        ann.post(&list, body).await.invalid(&[field]);
        ann.patch(&path, json!({field: wrong})).await.invalid(&[field]);
    }
    ann.patch(&path, json!({"color": null})).await.invalid(&["color"]);
    ann.post(&list, json!({})).await.invalid_as("name", "required");
    ann.post(&list, json!({"name": "", "color": "", "x": 1})).await.invalid(&["name", "color", "x"]);
    ann.post("/projects/x/labels", json!({"name": ""})).await.invalid(&["path.id", "name"]);
    ann.patch("/labels/x", json!({"name": ""})).await.invalid(&["path.id", "name"]);
    ann.delete("/labels/1.5").await.invalid(&["path.id"]);
    ann.get(format!("{list}?limit=101")).await.invalid(&["query.limit"]);
    for missing in [0, MISSING] {
        ann.patch(format!("/labels/{missing}"), json!({"name": "Soon"})).await.refused(404, "not_found");
        ann.delete(format!("/labels/{missing}")).await.refused(404, "not_found");
    }
    assert_eq!(ann.get(&list).await.expect(200).items().len(), 1);
}

#[tokio::test]
async fn label_name_is_unique_by_case_folding() {
    let server = Server::shared();
    let ann = server.register().await;
    let (project, another) = (ann.project().await, ann.project().await);
    let list = format!("/projects/{project}/labels");
    for (name, others) in [
        ("Urgent", vec!["urgent", "URGENT", " uRGENT "]),
        ("Straße", vec!["STRASSE", "strasse", "straSSe", "STRAẞE"]),
        ("σίσυφος", vec!["ΣΊΣΥΦΟΣ", "σίσυφοσ"]),
        ("ﬁx", vec!["FIX", "fix"]),
        ("Ærø", vec!["æRØ"]),
    ] {
        let id = label(&ann, project, name).await;
        for other in others {
            ann.post(&list, json!({"name": other})).await.refused(409, "conflict");
            // Itself is none of the others.
            ann.patch(format!("/labels/{id}"), json!({"name": other})).await.expect(200);
        }
        ann.patch(format!("/labels/{id}"), json!({"name": name})).await.expect(200);
        label(&ann, another, name).await;
    }
    let other = label(&ann, project, "Aero").await;
    for taken in ["URGENT", "strasse", "Ærø"] {
        let patch = json!({"name": taken, "color": "#000000"});
        ann.patch(format!("/labels/{other}"), patch).await.refused(409, "conflict");
    }
    let newest = ann.get(&list).await.expect(200).items().pop().unwrap();
    assert_eq!((&newest["name"], &newest["color"]), (&json!("Aero"), &json!("#808080")));
    // A name that is free again may be taken.
    ann.patch(format!("/labels/{other}"), json!({"name": "Later"})).await.expect(200);
    label(&ann, project, "AERO").await;
    ann.delete(format!("/labels/{other}")).await.expect(204);
    label(&ann, project, "later").await;
}

/// Fails unless the error states the limit and the remedy.
#[track_caller]
fn full(answer: Answer) {
    let answer = answer.refused(409, "quota_exceeded");
    let message = answer.json()["error"]["message"].to_string();
    assert!(message.contains("200 labels") && message.contains("delete"), "{message}");
}

#[tokio::test]
async fn project_has_at_most_200_labels() {
    let server = Server::shared();
    let ann = server.register().await;
    let (project, another) = (ann.project().await, ann.project().await);
    let list = format!("/projects/{project}/labels");
    let create = |n: usize| ann.post(&list, json!({"name": format!("Label {n}")}));
    for first in (0..190).step_by(10) {
        for answer in all((first..first + 10).map(create)).await {
            answer.expect(201);
        }
    }
    // Ten places, and twenty who want one.
    let answers = all((190..210).map(create)).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (10, 10));
    refused.into_iter().for_each(full);
    full(create(300).await);
    label(&ann, another, "Label 300").await;
    ann.delete(format!("/labels/{}", made[0].id())).await.expect(204);
    create(300).await.expect(201);
    full(create(301).await);
    assert_eq!(super::walk(&ann, &list, "limit=100").await.len(), 200);
}

#[tokio::test]
async fn archived_project_gets_no_new_label() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let list = format!("/projects/{project}/labels");
    let urgent = label(&ann, project, "Urgent").await;
    ann.patch(format!("/projects/{project}"), json!({"status": "archived"})).await.expect(200);
    ann.post(&list, json!({"name": "Soon"})).await.refused(409, "conflict");
    ann.post(&list, json!({"name": ""})).await.invalid(&["name"]);
    assert_eq!(ann.get(&list).await.expect(200).ids(), [urgent]);
    ann.patch(format!("/projects/{project}"), json!({"status": "active"})).await.expect(200);
    label(&ann, project, "Soon").await;
}

#[tokio::test]
async fn renamed_or_deleted_label_changes_no_version_of_tasks() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let (urgent, soon) = (label(&ann, project, "Urgent").await, label(&ann, project, "Soon").await);
    let task = ann.task(project, json!({"labels": [soon, urgent]})).await;
    let mut expected = shown(&ann, task).await;
    let renamed = ann.patch(format!("/labels/{urgent}"), json!({"name": "Now", "color": "#ff0000"})).await.expect(200);
    expected["labels"][0] = renamed.data();
    assert_eq!(shown(&ann, task).await, expected);
    ann.delete(format!("/labels/{urgent}")).await.expect(204);
    expected["labels"].as_array_mut().unwrap().remove(0);
    assert_eq!(shown(&ann, task).await, expected);
    let list = format!("/projects/{project}/tasks");
    assert_eq!(ann.get(format!("{list}?label={urgent}")).await.expect(200).ids(), [0; 0]);
    assert_eq!(ann.get(format!("{list}?label={soon}")).await.expect(200).items(), [expected]);
    ann.get(format!("/tasks/{task}")).header("if-none-match", r#""1""#).await.expect(304);
    // Nothing of it is left for a change to stumble over.
    ann.patch(format!("/tasks/{task}"), json!({"labels": [soon, urgent]}))
        .await
        .invalid_as("labels.1", "unknown_label");
    ann.patch(format!("/tasks/{task}"), json!({"title": "Dig"})).await.expect(200);
}
