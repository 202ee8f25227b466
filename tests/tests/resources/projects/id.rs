use fasttrack_tests::{MISSING, Server, timestamp};
use serde_json::{Value, json};

#[tokio::test]
async fn patch_changes_only_given_project_fields() {
    let server = Server::shared();
    let ann = server.register().await;
    let body = json!({"name": "Garden", "description": "Roses"});
    let mut expected = ann.post("/projects", body).await.expect(201).data();
    let path = format!("/projects/{}", expected["id"]);
    for (version, patch) in [
        (2, json!({"name": "Yard"})),
        (3, json!({"description": null})),
        (4, json!({"description": "Tulips"})),
        (5, json!({"status": "archived"})),
        (6, json!({"status": "active", "name": "Garden", "description": ""})),
    ] {
        let before = timestamp(&expected["updated_at"]);
        let answer = ann.patch(&path, patch.clone()).await.expect(200);
        assert_eq!(answer.etag(), format!("\"{version}\""));
        let after = answer.data();
        assert!(timestamp(&after["updated_at"]) >= before);
        expected.as_object_mut().unwrap().extend(patch.as_object().unwrap().clone());
        expected["version"] = json!(version);
        expected["updated_at"] = after["updated_at"].clone();
        assert_eq!(after, expected);
        assert_eq!(ann.get(&path).await.expect(200).data(), expected);
    }
}

#[tokio::test]
async fn patch_without_change_keeps_project_version() {
    let server = Server::shared();
    let ann = server.register().await;
    let path = format!("/projects/{}", ann.project().await);
    let before = ann.get(&path).await.expect(200).data();
    for patch in [json!({}), json!({"name": " Garden "}), json!({"description": null, "status": "active"})] {
        let answer = ann.patch(&path, patch).await.expect(200);
        assert_eq!((answer.etag(), answer.data()), (r#""1""#, before.clone()));
    }
}

#[tokio::test]
async fn invalid_project_patch_is_named() {
    let server = Server::shared();
    let ann = server.register().await;
    let path = format!("/projects/{}", ann.project().await);
    for (field, value) in [
        ("name", Value::Null),
        ("name", json!(" ")),
        ("name", json!("x".repeat(201))),
        ("name", json!([])),
        ("description", json!("x".repeat(10_001))),
        ("description", json!("\u{0}")),
        ("description", json!({})),
        ("status", Value::Null),
        ("status", json!("done")),
        ("status", json!(1)),
        ("owner_id", json!(1)),
        ("role", json!("editor")),
        ("version", json!(7)),
        ("id", json!(1)),
    ] {
        ann.patch(&path, json!({field: value})).await.invalid(&[field]);
    }
    let all = json!({"name": "", "description": 1, "status": null, "owner_id": 2});
    ann.patch(&path, all).await.invalid(&["name", "description", "status", "owner_id"]);
    assert_eq!(ann.get(&path).await.expect(200).etag(), r#""1""#);
}

#[tokio::test]
async fn deleted_project_deletes_tasks_and_comments() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let (project, kept) = (ann.project().await, ann.project().await);
    let task = ann.task(project, json!({"assignee_id": bob.id})).await;
    let kept_task = ann.task(kept, json!({"assignee_id": bob.id})).await;
    let comment = bob.comment(task).await;

    let answer = ann.delete(format!("/projects/{project}")).await.expect(204);
    assert_eq!(answer.body, "");
    for path in [
        format!("/projects/{project}"),
        format!("/projects/{project}/tasks"),
        format!("/tasks/{task}"),
        format!("/tasks/{task}/comments"),
    ] {
        ann.get(path).await.refused(404, "not_found");
    }
    ann.delete(format!("/projects/{project}")).await.refused(404, "not_found");
    bob.delete(format!("/comments/{comment}")).await.refused(404, "not_found");
    assert_eq!(bob.get("/tasks").await.expect(200).ids(), [kept_task]);
    assert_eq!(ann.get("/projects").await.expect(200).ids(), [kept]);
}

#[tokio::test]
async fn deleted_id_is_never_reused() {
    let server = Server::start();
    let ann = server.register().await;
    let project = ann.project().await;
    let task = ann.task(project, json!({})).await;
    let comment = ann.comment(task).await;
    ann.delete(format!("/projects/{project}")).await.expect(204);
    let next = ann.project().await;
    let next_task = ann.task(next, json!({})).await;
    assert!(next > project && next_task > task && ann.comment(next_task).await > comment);
}

#[tokio::test]
async fn missing_project_is_404() {
    let server = Server::shared();
    let ann = server.register().await;
    for id in [0, MISSING] {
        let path = format!("/projects/{id}");
        ann.get(&path).await.refused(404, "not_found");
        ann.patch(&path, json!({"name": "Garden"})).await.refused(404, "not_found");
        ann.delete(&path).await.refused(404, "not_found");
        ann.get(format!("{path}/tasks")).await.refused(404, "not_found");
        ann.post(format!("{path}/tasks"), json!({"title": "Dig"})).await.refused(404, "not_found");
    }
}
