use fasttrack_tests::{MISSING, Server};
use serde_json::{Value, json};

#[tokio::test]
async fn patch_changes_only_given_task_fields() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let path = format!("/tasks/{}", ann.task(ann.project().await, json!({"description": "Deep"})).await);
    let mut expected = ann.get(&path).await.expect(200).data();
    for (version, patch) in [
        (2, json!({"title": "Dig"})),
        (3, json!({"description": null})),
        (4, json!({"assignee_id": bob.id, "priority": "high"})),
        (5, json!({"status": "in_progress", "description": "Deeper"})),
        (6, json!({"assignee_id": null})),
    ] {
        let answer = ann.patch(&path, patch.clone()).await.expect(200);
        assert_eq!(answer.etag(), format!("\"{version}\""));
        let after = answer.data();
        expected.as_object_mut().unwrap().extend(patch.as_object().unwrap().clone());
        expected["assignee"] = if expected["assignee_id"].is_null() { Value::Null } else { bob.person() };
        expected["version"] = json!(version);
        expected["updated_at"] = after["updated_at"].clone();
        assert_eq!(after, expected);
        assert_eq!(ann.get(&path).await.expect(200).data(), expected);
    }
}

#[tokio::test]
async fn patch_without_change_keeps_task_version() {
    let server = Server::shared();
    let ann = server.register().await;
    let path = format!("/tasks/{}", ann.task(ann.project().await, json!({})).await);
    let before = ann.get(&path).await.expect(200).data();
    let same = json!({
        "title": " Water the roses ", "description": null, "status": "todo", "priority": "medium", "assignee_id": null,
        "due": null, "reminders": [], "labels": [], "parent_id": null,
    });
    for patch in [json!({}), same] {
        let answer = ann.patch(&path, patch).await.expect(200);
        assert_eq!((answer.etag(), answer.data()), (r#""1""#, before.clone()));
    }
}

#[tokio::test]
async fn invalid_task_patch_is_named() {
    let server = Server::shared();
    let ann = server.register().await;
    let path = format!("/tasks/{}", ann.task(ann.project().await, json!({})).await);
    for (field, value) in [
        ("title", Value::Null),
        ("title", json!("")),
        ("title", json!("x".repeat(201))),
        ("title", json!("\u{0}")),
        ("description", json!("x".repeat(10_001))),
        ("description", json!(0)),
        ("status", Value::Null),
        ("status", json!("blocked")),
        ("priority", Value::Null),
        ("priority", json!("urgent")),
        ("assignee_id", json!("ann")),
        ("assignee_id", json!([])),
        ("project_id", json!(1)),
        ("version", json!(1)),
        ("due", json!(20_261_201)),
        ("reminders", Value::Null),
        ("labels", Value::Null),
        ("parent_id", json!([])),
        ("position", json!("1")),
        ("completed_at", Value::Null),
    ] {
        ann.patch(&path, json!({field: value})).await.invalid(&[field]);
    }
    let all = json!({"title": 1, "description": 1, "status": 1, "priority": 1, "assignee_id": true, "id": 1});
    ann.patch(&path, all).await.invalid(&["title", "description", "status", "priority", "assignee_id", "id"]);
    assert_eq!(ann.get(&path).await.expect(200).etag(), r#""1""#);
}

#[tokio::test]
async fn new_assignee_must_be_an_active_user() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let path = format!("/tasks/{}", ann.task(ann.project().await, json!({})).await);
    ann.patch(&path, json!({"assignee_id": bob.id})).await.expect(200);
    admin.patch(format!("/users/{}", bob.id), json!({"is_active": false})).await.expect(200);
    // Who was assigned before stays so; the task can be changed all the same.
    let task = ann.patch(&path, json!({"title": "Dig", "assignee_id": bob.id})).await.expect(200).data();
    assert_eq!((&task["assignee_id"], &task["assignee"]), (&json!(bob.id), &bob.person()));
    ann.patch(&path, json!({"assignee_id": null})).await.expect(200);
    for id in [0, MISSING, bob.id] {
        let answer = ann.patch(&path, json!({"assignee_id": id})).await.invalid(&["assignee_id"]);
        assert_eq!(answer.json()["error"]["details"][0]["code"], "unknown_user");
    }
}

#[tokio::test]
async fn assignee_has_access_until_reassignment() {
    let server = Server::shared();
    let (ann, bob, eve) = (server.register().await, server.register().await, server.register().await);
    let task = ann.task(ann.project().await, json!({"assignee_id": bob.id})).await;
    let path = format!("/tasks/{task}");
    bob.patch(&path, json!({"status": "in_progress", "title": "Dig"})).await.expect(200);
    eve.get(&path).await.refused(403, "forbidden");
    bob.patch(&path, json!({"assignee_id": eve.id})).await.expect(200);
    bob.get(&path).await.refused(403, "forbidden");
    bob.patch(&path, json!({"status": "done"})).await.refused(403, "forbidden");
    eve.patch(&path, json!({"status": "done"})).await.expect(200);
    eve.delete(&path).await.refused(403, "forbidden");
    assert_eq!(eve.get("/tasks").await.expect(200).ids(), [task]);
}

#[tokio::test]
async fn deleted_task_deletes_its_comments() {
    let server = Server::shared();
    let ann = server.register().await;
    let task = ann.task(ann.project().await, json!({})).await;
    let comment = ann.comment(task).await;
    let path = format!("/tasks/{task}");
    assert_eq!(ann.delete(&path).await.expect(204).body, "");
    ann.get(&path).await.refused(404, "not_found");
    ann.delete(&path).await.refused(404, "not_found");
    ann.delete(format!("/comments/{comment}")).await.refused(404, "not_found");
}

#[tokio::test]
async fn missing_task_is_404() {
    let server = Server::shared();
    let ann = server.register().await;
    for id in [0, MISSING] {
        let path = format!("/tasks/{id}");
        ann.get(&path).await.refused(404, "not_found");
        ann.patch(&path, json!({"title": "Dig"})).await.refused(404, "not_found");
        ann.delete(&path).await.refused(404, "not_found");
        ann.get(format!("{path}/comments")).await.refused(404, "not_found");
        ann.post(format!("{path}/comments"), json!({"body": "Deep"})).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn assignee_error_reveals_no_user_to_strangers() {
    let server = Server::shared();
    let (ann, eve) = (server.register().await, server.register().await);
    let project = ann.project().await;
    let task = ann.task(project, json!({})).await;
    for id in [ann.id, MISSING] {
        eve.patch(format!("/tasks/{task}"), json!({"assignee_id": id})).await.refused(403, "forbidden");
        let body = json!({"title": "Dig", "assignee_id": id});
        eve.post(format!("/projects/{project}/tasks"), body).await.refused(403, "forbidden");
    }
}
