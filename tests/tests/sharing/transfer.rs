//! `/projects/{id}/transfer`.

use super::{members, role};
use fasttrack_tests::{Account, Installation, MISSING, Request, Server, timestamp};
use serde_json::json;

fn transfer(actor: &Account, project: i64, user: i64) -> Request {
    actor.post(format!("/projects/{project}/transfer"), json!({"user_id": user}))
}

#[tokio::test]
async fn member_becomes_owner_and_former_owner_an_editor() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.post("/projects", json!({"name": "Garden"})).await.expect(201).data();
    let id = project["id"].as_i64().unwrap();
    ann.share(id, &bob, "viewer").await;
    let answer = transfer(&ann, id, bob.id).await.expect(200);
    assert_eq!(answer.etag(), r#""2""#);
    let given = answer.data();
    let mut expected = project.clone();
    expected["owner_id"] = json!(bob.id);
    expected["role"] = json!("editor");
    expected["version"] = json!(2);
    expected["updated_at"] = given["updated_at"].clone();
    assert_eq!(given, expected);
    assert!(timestamp(&given["updated_at"]) >= timestamp(&project["updated_at"]));
    assert_eq!(members(&ann, id).await, [(ann.id, "editor".to_owned()), (bob.id, "owner".to_owned())]);

    // Each has the rights of its role.
    ann.task(id, json!({})).await;
    ann.patch(format!("/projects/{id}"), json!({"name": "Yard"})).await.refused(403, "forbidden");
    transfer(&ann, id, ann.id).await.refused(403, "forbidden");
    bob.patch(format!("/projects/{id}"), json!({"name": "Yard"})).await.expect(200);
    bob.remove(id, &ann).await;
    bob.delete(format!("/projects/{id}")).await.expect(204);
}

#[tokio::test]
async fn project_is_only_transferred_to_active_members() {
    let server = Server::shared();
    let (ann, bob, cleo) = (server.register().await, server.register().await, server.register().await);
    let admin = server.admin().await;
    let project = ann.project().await;
    ann.share(project, &bob, "editor").await;
    admin.patch(format!("/users/{}", bob.id), json!({"is_active": false})).await.expect(200);
    for actor in [&ann, &admin] {
        for (user, code) in [
            (cleo.id, "not_a_member"),
            (admin.id, "not_a_member"),
            (0, "not_a_member"),
            (MISSING, "not_a_member"),
            (bob.id, "unknown_user"),
        ] {
            transfer(actor, project, user).await.invalid_as("user_id", code);
        }
        transfer(actor, project, ann.id).await.refused(409, "conflict");
    }
    for (body, field, code) in [
        (json!({}), "user_id", "required"),
        (json!({"user_id": "1"}), "user_id", "wrong_type"),
        (json!({"user_id": null}), "user_id", "wrong_type"),
        (json!({"user_id": bob.id, "role": "editor"}), "role", "unknown_field"),
    ] {
        ann.post(format!("/projects/{project}/transfer"), body).await.invalid_as(field, code);
    }
    ann.post("/projects/x/transfer", json!({"user_id": 1.5})).await.invalid(&["path.id", "user_id"]);
    assert_eq!(ann.get(format!("/projects/{project}")).await.expect(200).etag(), r#""1""#);
}

#[tokio::test]
async fn admin_transfers_a_project_and_stays_what_it_was() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let project = ann.project().await;
    ann.share(project, &bob, "viewer").await;
    let given = transfer(&admin, project, bob.id).await.expect(200).data();
    assert_eq!((&given["owner_id"], &given["role"]), (&json!(bob.id), &json!("admin")));
    assert_eq!((role(&ann, project).await, role(&bob, project).await), (json!("editor"), json!("owner")));
    // As a member it has the role of one, and may take the project.
    ann.get(format!("/projects/{project}")).await.expect(200);
    bob.share(project, &admin, "viewer").await;
    let taken = transfer(&admin, project, admin.id).await.expect(200).data();
    assert_eq!((&taken["owner_id"], &taken["role"]), (&json!(admin.id), &json!("owner")));
    assert_eq!(role(&bob, project).await, "editor");
}

#[tokio::test]
async fn transferred_project_counts_for_its_next_owner() {
    let server = Installation::new().with("MAX_PROJECTS_PER_USER", "2").start();
    let (ann, bob) = (server.register().await, server.register().await);
    let (first, second) = (ann.project().await, ann.project().await);
    for project in [first, second] {
        ann.share(project, &bob, "editor").await;
    }
    bob.project().await;
    transfer(&ann, first, bob.id).await.expect(200);
    let refused = transfer(&ann, second, bob.id).await.refused(409, "quota_exceeded");
    assert!(refused.json()["error"]["message"].as_str().unwrap().contains("2 projects"), "{refused:#?}");
    assert_eq!(role(&ann, second).await, "owner");
    // Whoever gave one away has room for another.
    ann.project().await;
    ann.post("/projects", json!({"name": "Third"})).await.refused(409, "quota_exceeded");
    bob.post("/projects", json!({"name": "Third"})).await.refused(409, "quota_exceeded");
    bob.delete(format!("/projects/{first}")).await.expect(204);
    transfer(&ann, second, bob.id).await.expect(200);
}

#[tokio::test]
async fn next_owner_is_notified_of_changes() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "editor").await;
    let mut socket = bob.follow(0).await;
    assert_eq!(socket.next().await["type"], "project_shared");
    transfer(&ann, project, bob.id).await.expect(200);
    let task = ann.task(project, json!({})).await;
    ann.patch(format!("/tasks/{task}"), json!({"status": "in_progress"})).await.expect(200);
    let told = socket.next().await;
    assert_eq!((&told["type"], &told["data"]["task_id"]), (&json!("status_changed"), &json!(task)));
}
