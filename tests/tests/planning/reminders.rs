//! Reminders: their form, and to whom and when they are given.

use super::{after, shown};
use chrono::TimeDelta;
use fasttrack_tests::{Account, Server, Socket, all, has_fields, timestamp};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Reminders are given within two seconds; a busy machine may take twice as long.
const SOON: Duration = Duration::from_secs(4);

const fn milliseconds(count: i64) -> TimeDelta {
    TimeDelta::milliseconds(count)
}

/// Sets reminders of a task, this long after its last change, and returns their instants.
async fn remind<const N: usize>(account: &Account, task: i64, delays: [i64; N]) -> [String; N] {
    let current = shown(account, task).await;
    let instants = delays.map(|delay| after(&current, milliseconds(delay)));
    account.patch(format!("/tasks/{task}"), json!({"reminders": instants.to_vec()})).await.expect(200);
    instants
}

/// Creates a task with a reminder that is due a little later, and waits until it is given.
async fn pass_time(owner: &Account, project: i64, socket: &mut Socket, seq: i64) {
    let task = owner.task(project, json!({})).await;
    remind(owner, task, [2_000]).await;
    is_reminder(&socket.next().await, seq, task);
}

#[track_caller]
fn is_reminder(message: &Value, seq: i64, task: i64) {
    let expected = (&json!(seq), &json!("task_reminder"), &json!(task));
    assert_eq!((&message["seq"], &message["type"], &message["data"]["task_id"]), expected, "{message:#}");
}

#[tokio::test]
async fn reminders_ascend_and_equal_ones_collapse() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let task = ann.task(project, json!({})).await;
    let (early, late) = ("2126-12-01T09:30:00Z", "2126-12-01T09:30:00.000001Z");
    let sent = json!([late, "2126-12-01T11:30:00+02:00", early, late, early, "2126-12-01T10:30:00+01:00"]);
    let made = ann.task(project, json!({"reminders": sent})).await;
    let patched = ann.patch(format!("/tasks/{task}"), json!({"reminders": sent})).await.expect(200).data();
    for task in [shown(&ann, made).await, patched.clone()] {
        let reminders: Vec<_> = task["reminders"].as_array().unwrap().iter().map(timestamp).collect();
        assert_eq!(reminders, [early, late].map(|text| timestamp(&json!(text))), "{task:#}");
    }
    // The same ones, whatever their spelling and order, are no change; the array replaces the set.
    let again = json!({"reminders": [early, late]});
    assert_eq!(ann.patch(format!("/tasks/{task}"), again).await.expect(200).data(), patched);
    let one = ann.patch(format!("/tasks/{task}"), json!({"reminders": [late]})).await.expect(200).data();
    assert_eq!((one["reminders"].as_array().unwrap().len(), &one["version"]), (1, &json!(3)));
    let none = ann.patch(format!("/tasks/{task}"), json!({"reminders": []})).await.expect(200).data();
    assert_eq!((&none["reminders"], &none["version"]), (&json!([]), &json!(4)));
}

#[tokio::test]
async fn wrong_reminders_are_named() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let path = format!("/tasks/{}", ann.task(project, json!({})).await);
    let at = |n: usize| format!("2126-12-01T09:30:{n:02}Z");
    let five: Vec<_> = (0..5).map(at).collect();
    let six: Vec<_> = (0..6).map(at).collect();
    let past = "2020-01-01T00:00:00Z";
    for (wrong, fields) in [
        (Value::Null, vec!["reminders"]),
        (json!(at(0)), vec!["reminders"]),
        (json!({}), vec!["reminders"]),
        (json!(six), vec!["reminders"]),
        (json!([at(0), 7]), vec!["reminders.1"]),
        (json!([Value::Null]), vec!["reminders.0"]),
        (json!(["2126-12-01"]), vec!["reminders.0"]),
        (json!([at(0), "soon", at(1), ""]), vec!["reminders.1", "reminders.3"]),
        (json!(["9999-12-31T23:59:59-01:00"]), vec!["reminders.0"]),
        (json!([at(0), past, at(1), past]), vec!["reminders.1", "reminders.3"]),
        (json!([shown(&ann, ann.task(project, json!({})).await).await["created_at"]]), vec!["reminders.0"]),
    ] {
        ann.patch(&path, json!({"reminders": wrong})).await.invalid(&fields);
        let body = json!({"title": "Dig", "reminders": wrong});
        ann.post(format!("/projects/{project}/tasks"), body).await.invalid(&fields);
    }
    ann.patch(&path, json!({"reminders": [at(0), past]})).await.invalid_as("reminders.1", "past");
    assert_eq!(ann.get(&path).await.expect(200).etag(), r#""1""#);
    let ten: Vec<_> = five.iter().chain(&five).collect();
    ann.patch(&path, json!({"reminders": ten})).await.expect(200);
}

#[tokio::test]
async fn reminder_is_given_once_to_assignee_else_owner() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.post("/projects", json!({"name": "Grüne \"Wiese\""})).await.expect(201).id();
    let assigned = json!({"title": "Mähen <b>", "assignee_id": bob.id, "due": "2126-12-01"});
    let (of_bob, of_nobody) = (ann.task(project, assigned).await, ann.task(project, json!({})).await);
    let (mut to_bob, mut to_ann) = (bob.follow(0).await, ann.get("/events?since=0").stream().await);
    to_bob.take(1..=1).await;
    let begin = Instant::now();
    let [first, second] = remind(&ann, of_bob, [1_500, 2_500]).await;
    let [only] = remind(&ann, of_nobody, [1_500]).await;
    let before = [shown(&ann, of_bob).await, shown(&ann, of_nobody).await];

    let told = to_bob.next().await;
    assert!(begin.elapsed() < Duration::from_millis(1_500) + SOON, "{:?}", begin.elapsed());
    has_fields(&told, &["type", "data", "timestamp", "seq"]);
    is_reminder(&told, 2, of_bob);
    let data = json!({
        "task_id": of_bob, "task": "Mähen <b>", "project_id": project, "project": "Grüne \"Wiese\"", "due": "2126-12-01",
    });
    assert_eq!(told["data"], data);
    assert!(timestamp(&told["timestamp"]) >= timestamp(&json!(first)), "{told:#}");
    let again = to_bob.next().await;
    is_reminder(&again, 3, of_bob);
    assert!(timestamp(&again["timestamp"]) >= timestamp(&json!(second)), "{again:#}");
    let owned = to_ann.next().await;
    is_reminder(&owned, 1, of_nobody);
    assert_eq!(owned["data"]["due"], Value::Null);
    assert!(timestamp(&owned["timestamp"]) >= timestamp(&json!(only)), "{owned:#}");
    // By the clock of the server, none was early.
    let now = shown(&ann, ann.task(project, json!({})).await).await;
    assert!(timestamp(&now["created_at"]) >= timestamp(&json!(second)));

    // They went from the tasks, without a new version.
    for (mut expected, task) in before.into_iter().zip([of_bob, of_nobody]) {
        expected["reminders"] = json!([]);
        assert_eq!(shown(&ann, task).await, expected);
        let tag = format!("\"{}\"", expected["version"]);
        ann.get(format!("/tasks/{task}")).header("if-none-match", tag).await.expect(304);
    }
    let mut listed = bob.get("/notifications").await.expect(200).items();
    assert_eq!(listed[1].as_object_mut().unwrap().remove("read"), Some(json!(false)));
    assert_eq!(listed[1], told);
    // The next of each is about something else.
    ann.patch(format!("/tasks/{of_bob}"), json!({"status": "in_progress"})).await.expect(200);
    let changed = to_bob.next().await;
    assert_eq!((&changed["seq"], &changed["type"]), (&json!(4), &json!("status_changed")));
    bob.comment(of_bob).await;
    let commented = to_ann.next().await;
    assert_eq!((&commented["seq"], &commented["type"]), (&json!(2), &json!("comment_added")));
}

#[tokio::test]
async fn done_task_gives_none_of_what_passed() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let mut socket = ann.follow(0).await;
    let created = shown(&ann, ann.task(project, json!({})).await).await;
    let (soon, later) = (after(&created, milliseconds(1_900)), after(&created, TimeDelta::days(1)));
    let done = ann.task(project, json!({"status": "done", "reminders": [soon, later]})).await;
    let completed = ann.task(project, json!({"status": "in_progress", "reminders": [soon, later]})).await;
    ann.patch(format!("/tasks/{completed}"), json!({"status": "done"})).await.expect(200);
    // A later one of another task is the first that is given.
    pass_time(&ann, project, &mut socket, 1).await;
    for task in [done, completed] {
        let reopened = ann.patch(format!("/tasks/{task}"), json!({"status": "in_progress"})).await.expect(200).data();
        let left: Vec<_> = reopened["reminders"].as_array().unwrap().iter().map(timestamp).collect();
        assert_eq!(left, [timestamp(&json!(later))], "{reopened:#}");
        assert_eq!(shown(&ann, task).await, reopened);
    }
    pass_time(&ann, project, &mut socket, 2).await;
}

#[tokio::test]
async fn reminder_follows_the_latest_assignee_and_array() {
    let server = Server::shared();
    let (ann, bob, cleo) = (server.register().await, server.register().await, server.register().await);
    let project = ann.project().await;
    let mut to_ann = ann.follow(0).await;
    let (moved, cleared, deleted) = (
        ann.task(project, json!({"assignee_id": bob.id})).await,
        ann.task(project, json!({})).await,
        ann.task(project, json!({})).await,
    );
    for task in [moved, cleared, deleted] {
        remind(&ann, task, [2_000]).await;
    }
    ann.patch(format!("/tasks/{moved}"), json!({"assignee_id": cleo.id})).await.expect(200);
    ann.patch(format!("/tasks/{cleared}"), json!({"reminders": []})).await.expect(200);
    ann.delete(format!("/tasks/{deleted}")).await.expect(204);
    let mut to_cleo = cleo.follow(0).await;
    to_cleo.take(1..=1).await;
    is_reminder(&to_cleo.next().await, 2, moved);
    pass_time(&ann, project, &mut to_ann, 1).await;
    let other = ann.task(project, json!({"assignee_id": bob.id})).await;
    let told = bob.follow(1).await.next().await;
    assert_eq!((&told["type"], &told["data"]["task_id"]), (&json!("task_assigned"), &json!(other)), "{told:#}");
}

#[tokio::test]
async fn new_owner_is_reminded_after_a_transfer() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "viewer").await;
    let task = ann.task(project, json!({})).await;
    remind(&ann, task, [2_000]).await;
    ann.post(format!("/projects/{project}/transfer"), json!({"user_id": bob.id})).await.expect(200);
    let mut to_bob = bob.follow(0).await;
    to_bob.take(1..=1).await;
    is_reminder(&to_bob.next().await, 2, task);
    assert!(ann.get("/notifications").await.expect(200).items().is_empty());
}

#[tokio::test]
async fn changes_of_a_task_do_not_bring_a_given_reminder_back() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let mut socket = ann.follow(0).await;
    let task = ann.task(project, json!({})).await;
    remind(&ann, task, [1_500]).await;
    let path = format!("/tasks/{task}");
    let mut changes = 1;
    // Changes go on around the instant.
    while !shown(&ann, task).await["reminders"].as_array().unwrap().is_empty() {
        let titles = (0..4).map(|n| ann.patch(&path, json!({"title": format!("Dig {changes} {n}")})));
        for answer in all(titles).await {
            answer.expect(200);
        }
        changes += 4;
    }
    is_reminder(&socket.next().await, 1, task);
    let current = shown(&ann, task).await;
    assert_eq!((&current["reminders"], &current["version"]), (&json!([]), &json!(changes + 1)));
    pass_time(&ann, project, &mut socket, 2).await;
}
