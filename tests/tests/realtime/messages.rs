//! Notifications: their recipients and fields.

use fasttrack_tests::{Account, Server, Team, all, has_fields, timestamp};
use serde_json::{Value, json};

const TASK: [&str; 4] = ["task_id", "task", "project_id", "project"];

/// Fails unless a notification has its fields, and its data those of a task and `fields`.
#[track_caller]
fn has_form(message: &Value, kind: &str, fields: &[&str]) {
    has_fields(message, &["type", "data", "timestamp", "seq"]);
    assert_eq!(message["type"], kind, "{message:#}");
    has_fields(&message["data"], &[&TASK, fields].concat());
    timestamp(&message["timestamp"]);
}

/// Fails unless a notification has this number, type and task.
#[track_caller]
fn tells(message: &Value, seq: i64, kind: &str, task: i64) {
    let expected = (&json!(seq), &json!(kind), &json!(task));
    assert_eq!((&message["seq"], &message["type"], &message["data"]["task_id"]), expected, "{message:#}");
}

async fn called(account: &Account, name: &str) {
    account.patch("/users/me", json!({"display_name": name})).await.expect(200);
}

#[tokio::test]
async fn each_notification_type_has_its_fields_and_names() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    called(&ann, "Ann \u{1F422}").await;
    called(&bob, "Bob").await;
    let project = ann.post("/projects", json!({"name": "Grüne \"Wiese\""})).await.expect(201).id();
    let task = ann.task(project, json!({"title": "Mähen <b>", "assignee_id": bob.id})).await;
    let names = json!({"task_id": task, "task": "Mähen <b>", "project_id": project, "project": "Grüne \"Wiese\""});
    let data = |more: Value| {
        let mut data = names.clone();
        data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        data
    };

    let mut to_bob = bob.follow(0).await;
    let assigned = to_bob.next().await;
    has_form(&assigned, "task_assigned", &["assigned_by"]);
    assert_eq!(assigned["seq"], 1);
    assert_eq!(assigned["data"], data(json!({"assigned_by": "Ann \u{1F422}"})));

    let mut to_ann = ann.follow(0).await;
    let comment = bob.comment(task).await;
    let commented = to_ann.next().await;
    has_form(&commented, "comment_added", &["comment_id", "author"]);
    assert_eq!(commented["seq"], 1);
    assert_eq!(commented["data"], data(json!({"comment_id": comment, "author": "Bob"})));

    let changed = bob.patch(format!("/tasks/{task}"), json!({"status": "in_progress"})).await.expect(200).data();
    let moved = to_ann.next().await;
    has_form(&moved, "status_changed", &["old", "new", "changed_by"]);
    assert_eq!(moved["seq"], 2);
    assert_eq!(moved["data"], data(json!({"old": "todo", "new": "in_progress", "changed_by": "Bob"})));
    assert_eq!(moved["timestamp"], changed["updated_at"]);
}

#[tokio::test]
async fn own_actions_send_no_notification() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let mut socket = ann.follow(0).await;
    let project = ann.project().await;
    let own = ann.task(project, json!({"assignee_id": ann.id})).await;
    let path = format!("/tasks/{own}");
    ann.patch(&path, json!({"status": "in_progress"})).await.expect(200);
    ann.comment(own).await;
    ann.patch(&path, json!({"assignee_id": bob.id})).await.expect(200);
    ann.patch(&path, json!({"assignee_id": ann.id, "status": "done"})).await.expect(200);
    ann.delete(&path).await.expect(204);
    // The first that she hears is another's.
    let task = ann.task(project, json!({"assignee_id": bob.id})).await;
    bob.comment(task).await;
    tells(&socket.next().await, 1, "comment_added", task);
}

#[tokio::test]
async fn reassignment_with_status_notifies_only_new_assignee() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    let new = server.register().await;
    let change = json!({"status": "in_progress", "assignee_id": new.id, "title": "Water the tulips"});
    team.owner.patch(team.path(), change).await.expect(200);
    let mut to_new = new.follow(0).await;
    let [first, second] = [to_new.next().await, to_new.next().await];
    tells(&first, 1, "task_assigned", team.task);
    tells(&second, 2, "status_changed", team.task);
    for message in [first, second] {
        assert_eq!(message["data"]["task"], "Water the tulips");
    }
    // What comes next to the former one is about another task.
    let other = team.owner.task(team.project, json!({"assignee_id": team.assignee.id})).await;
    let mut to_former = team.assignee.follow(0).await;
    tells(&to_former.next().await, 1, "task_assigned", team.task);
    tells(&to_former.next().await, 2, "task_assigned", other);
}

#[tokio::test]
async fn comment_of_admin_notifies_owner_and_assignee_once() {
    let server = Server::shared();
    let (team, admin) = (Team::new(&server).await, server.admin().await);
    let (mut to_owner, mut to_assignee) = (team.owner.follow(0).await, team.assignee.follow(1).await);
    admin.patch(team.path(), json!({"status": "in_progress"})).await.expect(200);
    admin.comment(team.task).await;
    // Before the assignee loses its access.
    for (seq, kind) in [(2, "status_changed"), (3, "comment_added")] {
        tells(&to_assignee.next().await, seq, kind, team.task);
    }
    // Whoever is both hears it once.
    admin.patch(team.path(), json!({"assignee_id": team.owner.id})).await.expect(200);
    admin.patch(team.path(), json!({"status": "done"})).await.expect(200);
    admin.comment(team.task).await;
    let kinds = ["status_changed", "comment_added", "task_assigned", "status_changed", "comment_added"];
    for (seq, kind) in (1..).zip(kinds) {
        tells(&to_owner.next().await, seq, kind, team.task);
    }
    // Nobody works on it any more, nor hears of it, but its owner.
    admin.patch(team.path(), json!({"assignee_id": null})).await.expect(200);
    admin.comment(team.task).await;
    tells(&to_owner.next().await, 6, "comment_added", team.task);
    let other = admin.task(team.project, json!({"assignee_id": team.assignee.id})).await;
    tells(&to_assignee.next().await, 4, "task_assigned", other);
}

#[tokio::test]
async fn refused_or_empty_change_sends_no_notification() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    let (path, owner) = (team.path(), &team.owner);
    owner.patch(&path, json!({"status": "done"})).await.refused(409, "invalid_status_transition");
    let stale = owner.patch(&path, json!({"status": "in_progress"})).header("if-match", "\"7\"");
    stale.await.refused(412, "precondition_failed");
    owner.patch(&path, json!({"status": "todo", "assignee_id": team.assignee.id})).await.expect(200);
    owner.patch(&path, json!({"title": "Dig", "priority": "high", "description": "Deep"})).await.expect(200);
    let comments = format!("{path}/comments");
    owner.post(&comments, json!({"body": ""})).await.expect(400);
    for _ in 0..3 {
        let repeated = owner.post(&comments, json!({"body": "Once"})).header("idempotency-key", "one");
        repeated.await.expect(201);
    }
    owner.patch(&path, json!({"status": "in_progress"})).await.expect(200);
    let mut socket = team.assignee.follow(1).await;
    tells(&socket.next().await, 2, "comment_added", team.task);
    tells(&socket.next().await, 3, "status_changed", team.task);
}

#[tokio::test]
async fn concurrent_changes_are_notified_in_order() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    let mut socket = team.assignee.follow(1).await;
    let statuses = ["todo", "in_progress", "done"];
    for _ in 0..5 {
        all((0..30).map(|n| team.owner.patch(team.path(), json!({"status": statuses[n % 3]})))).await;
    }
    let version = team.owner.get(team.path()).await.expect(200).data()["version"].as_i64().unwrap();
    let mut status = json!("todo");
    for moved in socket.take(2..=version).await {
        assert_eq!(moved["data"]["old"], status, "{moved:#}");
        status = moved["data"]["new"].clone();
    }
    assert_eq!(team.owner.get(team.path()).await.expect(200).data()["status"], status);
}

#[tokio::test]
async fn notifications_stay_after_task_is_deleted() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    team.toggle(2).await;
    team.assignee.follow(0).await.take(1..=3).await;
    team.owner.delete(format!("/projects/{}", team.project)).await.expect(204);
    let next = Team::new(&server).await;
    next.owner.patch(next.path(), json!({"assignee_id": team.assignee.id})).await.expect(200);
    let mut socket = team.assignee.follow(0).await;
    for told in &socket.take(1..=3).await {
        assert_eq!(told["data"]["task_id"], team.task);
    }
    tells(&socket.next().await, 4, "task_assigned", next.task);
}
