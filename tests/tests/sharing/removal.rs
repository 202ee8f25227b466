//! The end of a membership.

use super::members;
use fasttrack_tests::{Account, MISSING, Server, eventually, timestamp};
use serde_json::{Value, json};

async fn task(reader: &Account, id: i64) -> Value {
    reader.get(format!("/tasks/{id}")).await.expect(200).data()
}

#[tokio::test]
async fn removal_ends_assignments_in_that_project_only() {
    let server = Server::shared();
    let (ann, bob, cleo) = (server.register().await, server.register().await, server.register().await);
    let (project, another) = (ann.project().await, ann.project().await);
    for member in [&bob, &cleo] {
        ann.share(project, member, "editor").await;
        ann.share(another, member, "editor").await;
    }
    let assigned = json!({"assignee_id": bob.id});
    let (first, second) = (ann.task(project, assigned.clone()).await, bob.task(project, assigned.clone()).await);
    let (others, elsewhere) =
        (ann.task(project, json!({"assignee_id": cleo.id})).await, ann.task(another, assigned).await);
    let before = [task(&ann, first).await, task(&ann, second).await];
    let untouched = [task(&ann, others).await, task(&ann, elsewhere).await];

    assert_eq!(ann.delete(format!("/projects/{project}/members/{}", bob.id)).await.expect(204).body, "");
    for before in before {
        let after = task(&ann, before["id"].as_i64().unwrap()).await;
        assert_eq!((&after["assignee_id"], &after["assignee"]), (&Value::Null, &Value::Null));
        assert_eq!(after["version"], before["version"].as_i64().unwrap() + 1);
        assert!(timestamp(&after["updated_at"]) >= timestamp(&before["updated_at"]));
        for same in ["title", "status", "priority", "created_at"] {
            assert_eq!(after[same], before[same]);
        }
        bob.get(format!("/tasks/{}", after["id"])).await.refused(403, "forbidden");
    }
    assert_eq!([task(&ann, others).await, task(&ann, elsewhere).await], untouched);
    assert_eq!(bob.get("/tasks").await.expect(200).ids(), [elsewhere]);
    assert_eq!(bob.get("/projects").await.expect(200).ids(), [another]);
    assert_eq!(members(&cleo, project).await, [(ann.id, "owner".to_owned()), (cleo.id, "editor".to_owned())]);
    let path = format!("/projects/{project}/members/{}", bob.id);
    ann.delete(path).await.refused(404, "not_found");
}

#[tokio::test]
async fn stale_version_of_unassigned_task_is_refused() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "viewer").await;
    let path = format!("/tasks/{}", ann.task(project, json!({"assignee_id": bob.id})).await);
    ann.remove(project, &bob).await;
    let stale = ann.patch(&path, json!({"title": "Dig"})).header("if-match", "\"1\"");
    stale.await.refused(412, "precondition_failed");
    ann.get(&path).header("if-none-match", "\"1\"").await.expect(200);
}

#[tokio::test]
async fn member_of_any_role_leaves() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    for role in ["viewer", "commenter", "editor"] {
        ann.share(project, &bob, role).await;
        let task = ann.task(project, json!({"assignee_id": bob.id})).await;
        bob.remove(project, &bob).await;
        bob.get(format!("/projects/{project}")).await.refused(403, "forbidden");
        bob.get(format!("/tasks/{task}")).await.refused(403, "forbidden");
        bob.delete(format!("/projects/{project}/members/{}", bob.id)).await.refused(403, "forbidden");
    }
}

#[tokio::test]
async fn owner_and_strangers_are_not_removed() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let project = ann.project().await;
    for actor in [&ann, &admin] {
        let remove = |user: i64| actor.delete(format!("/projects/{project}/members/{user}"));
        remove(ann.id).await.refused(409, "conflict");
        for id in [bob.id, 0, MISSING] {
            remove(id).await.refused(404, "not_found");
        }
    }
    assert_eq!(members(&ann, project).await, [(ann.id, "owner".to_owned())]);
}

#[tokio::test]
async fn removed_member_can_be_added_again() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "editor").await;
    let first = ann.get(format!("/projects/{project}/members")).await.expect(200).items()[1].clone();
    let comment = bob.comment(bob.task(project, json!({})).await).await;
    bob.remove(project, &bob).await;
    let path = format!("/projects/{project}/members/{}", bob.id);
    let again = ann.put(path, json!({"role": "viewer"})).await.expect(201).data();
    assert!(timestamp(&again["created_at"]) > timestamp(&first["created_at"]));
    // What it wrote is still its own.
    bob.delete(format!("/comments/{comment}")).await.expect(204);
}

#[tokio::test]
async fn comments_of_former_member_keep_their_author() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "commenter").await;
    let task = ann.task(project, json!({})).await;
    let comment = bob.comment(task).await;
    eventually("the owner is notified", async || {
        ann.get("/notifications").await.expect(200).items().first().is_some_and(|it| it["type"] == "comment_added")
    })
    .await;
    ann.remove(project, &bob).await;
    let listed = ann.get(format!("/tasks/{task}/comments")).await.expect(200).items();
    assert_eq!((&listed[0]["id"], &listed[0]["author"]), (&json!(comment), &bob.person()));
    assert_eq!(ann.get("/notifications").await.expect(200).items()[0]["data"]["author"], bob.name());
}
