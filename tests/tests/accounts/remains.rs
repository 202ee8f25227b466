//! What is left of a user that was erased.

use super::{DELETED, erased};
use fasttrack_tests::{Account, Installation, Mailbox, Server, all, eventually, unique_email};
use serde_json::{Value, json};
use std::fs;

/// Waits until the account has `count` notifications, and returns them, the newest first.
async fn told(account: &Account, count: usize) -> Vec<Value> {
    let list = async || account.get("/notifications?limit=100").await.expect(200).items();
    eventually(&format!("{count} notifications"), async || list().await.len() >= count).await;
    list().await
}

#[tokio::test]
async fn shared_comments_and_notifications_name_deleted_user() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "editor").await;
    let task = ann.task(project, json!({"assignee_id": bob.id})).await;
    let comment = bob.comment(task).await;
    bob.patch(format!("/tasks/{task}"), json!({"status": "in_progress"})).await.expect(200);
    bob.task(project, json!({"assignee_id": ann.id})).await;
    let shared = bob.project().await;
    bob.share(shared, &ann, "viewer").await;
    assert_eq!(told(&ann, 4).await.len(), 4);
    bob.delete(format!("/projects/{shared}")).await.expect(204);
    bob.erase().await.expect(204);

    let comments = ann.get(format!("/tasks/{task}/comments")).await.expect(200).items();
    assert_eq!((&comments[0]["id"], &comments[0]["author_id"]), (&json!(comment), &json!(bob.id)));
    assert_eq!(comments[0]["author"], json!({"id": bob.id, "display_name": DELETED}));
    let listed = told(&ann, 4).await;
    let actors = [("shared_by", 0), ("assigned_by", 1), ("changed_by", 2), ("author", 3)];
    for (field, place) in actors {
        assert_eq!(listed[place]["data"][field], DELETED, "{:#}", listed[place]);
    }
    let mut sent = ann.follow(0).await.take(1..=4).await;
    sent.reverse();
    for (sent, listed) in sent.iter().zip(&listed) {
        assert_eq!((&sent["data"], &sent["timestamp"]), (&listed["data"], &listed["timestamp"]));
    }
    // Nobody else deletes the comment, except for an admin.
    ann.delete(format!("/comments/{comment}")).await.refused(403, "forbidden");
    server.admin().await.delete(format!("/comments/{comment}")).await.expect(204);
}

#[tokio::test]
async fn event_dispatched_after_the_erasure_names_deleted_user() {
    let server = Server::shared();
    let ann = server.register().await;
    for round in 1..=5 {
        let bob = server.register().await;
        let project = ann.project().await;
        ann.share(project, &bob, "editor").await;
        let task = ann.task(project, json!({})).await;
        let comments = (0..10).map(|_| bob.post(format!("/tasks/{task}/comments"), json!({"body": "Deep"})));
        for answer in all(comments).await {
            answer.expect(201);
        }
        bob.erase().await.expect(204);
        let listed = told(&ann, 10 * round).await;
        assert_eq!(listed.len(), 10 * round);
        for item in listed {
            let told = (&item["type"], &item["data"]["author"]);
            assert_eq!(told, (&json!("comment_added"), &json!(DELETED)), "{item:#}");
        }
    }
}

#[tokio::test]
async fn assignments_and_memberships_end() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let (project, another) = (ann.project().await, ann.project().await);
    ann.share(project, &bob, "editor").await;
    let mut tasks = Vec::new();
    for project in [project, another, project] {
        tasks.push(ann.task(project, json!({"assignee_id": bob.id})).await);
    }
    bob.erase().await.expect(204);
    for task in tasks {
        let task = ann.get(format!("/tasks/{task}")).await.expect(200).data();
        assert_eq!((&task["assignee_id"], &task["assignee"]), (&Value::Null, &Value::Null));
        assert_eq!(task["version"], 2);
    }
    assert_eq!(ann.get(format!("/projects/{project}/members")).await.expect(200).ids(), [ann.id]);
    assert_eq!(ann.get("/people").await.expect(200).ids(), [ann.id]);
    let of_bob = format!("/projects/{project}/tasks?assignee_id={}", bob.id);
    assert_eq!(ann.get(of_bob).await.expect(200).ids(), [0; 0]);
    ann.delete(format!("/projects/{project}/members/{}", bob.id)).await.refused(404, "not_found");
    assert_eq!(admin.get(format!("/users?email={}", bob.email)).await.expect(200).ids(), [0; 0]);
}

#[tokio::test]
async fn own_projects_and_todos_are_deleted() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    ann.post(format!("/api/{}/tasks", ann.id), json!({"title": "Dig"})).await.expect(201);
    let project = ann.project().await;
    let task = ann.task(project, json!({"assignee_id": bob.id})).await;
    bob.comment(task).await;
    let all = ann.get("/projects").await.expect(200).ids();
    assert_eq!(all.len(), 2);
    ann.erase().await.expect(204);
    for project in all {
        admin.get(format!("/projects/{project}")).await.refused(404, "not_found");
    }
    bob.get(format!("/tasks/{task}")).await.refused(404, "not_found");
    assert_eq!(bob.get("/tasks").await.expect(200).ids(), [0; 0]);
}

/// Whether any table of the database has this text.
async fn is_stored(installation: &Installation, text: &str) -> bool {
    let from = if installation.is_on_postgres() {
        installation.database_url().to_owned()
    } else {
        format!("sqlite://{}", installation.path("fasttrack.db").display())
    };
    // A copy has no pages that rows were deleted from.
    let copy = installation.path("copy.db");
    let to = format!("sqlite://{}", copy.display());
    installation.command(["copy", "--from", &from, "--to", &to]).run().await.succeeded();
    let mut found = false;
    for file in [copy, installation.path("copy.db-wal")] {
        let bytes = fs::read(&file).unwrap_or_default();
        found |= bytes.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text.as_bytes()));
        fs::remove_file(file).ok();
    }
    found
}

#[tokio::test]
async fn no_row_keeps_name_or_address_of_erased_user() {
    let mailbox = Mailbox::start();
    let server = mailbox.receiving(Installation::new()).start();
    let installation = server.installation();
    let (ann, admin) = (server.register().await, server.admin().await);
    let bob = server.register_as(&unique_email("bartholomew")).await;
    bob.patch("/users/me", json!({"display_name": "Quillfeather"})).await.expect(200);
    admin.patch(format!("/users/{}", bob.id), json!({"display_name": "Quillfeather the Second"})).await.expect(200);
    let project = ann.project().await;
    ann.share(project, &bob, "editor").await;
    ann.invite(project, &bob.email, "editor").await;
    let task = ann.task(project, json!({"assignee_id": bob.id})).await;
    bob.comment(task).await;
    told(&ann, 1).await;
    // Mails to and about the user that wait, or are given up.
    mailbox.refuse(550);
    bob.task(project, json!({"assignee_id": ann.id})).await;
    server.anonymous().post("/auth/password/forgot", json!({"email": bob.email})).await.expect(202);
    told(&ann, 2).await;
    let dead = async || installation.command(["jobs", "list", "--state", "dead"]).run().await.succeeded();
    eventually("the mails are given up", async || dead().await.lines().count() >= 2).await;
    for text in ["bartholomew-", "quillfeather"] {
        assert!(is_stored(installation, text).await, "{text}");
    }

    bob.erase().await.expect(204);
    erased(installation).await;
    for text in ["bartholomew-", "quillfeather"] {
        assert!(!is_stored(installation, text).await, "{text}");
    }
    let lines = admin.get(format!("/audit?limit=100&object=user/{}", bob.id)).await.expect(200).items();
    assert!(lines.iter().any(|line| line["action"] == "user.erased"), "{lines:#?}");
    let printed = installation.command(["user", "list"]).run().await.succeeded();
    assert_eq!(printed.lines().count(), 2, "{printed}");
}
