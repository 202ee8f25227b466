//! When a task is due, and when it was done.

use super::{ids, shown, walk};
use fasttrack_tests::Server;
use serde_json::{Value, json};

#[tokio::test]
async fn due_is_answered_as_a_day_or_in_utc() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let path = format!("/tasks/{}", ann.task(project, json!({})).await);
    for (sent, expected) in [
        ("2026-12-01", "2026-12-01"),
        ("1970-01-01", "1970-01-01"),
        ("9999-12-31", "9999-12-31"),
        ("2028-02-29", "2028-02-29"),
        ("2026-12-01T09:30:00Z", "2026-12-01T09:30:00Z"),
        ("2026-12-01T00:30:00+02:00", "2026-11-30T22:30:00Z"),
        ("2026-12-01T09:30:00.123456Z", "2026-12-01T09:30:00.123456Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ("1969-12-31T20:00:00-05:00", "1970-01-01T01:00:00Z"),
    ] {
        let made = ann.task(project, json!({"due": sent})).await;
        assert_eq!(shown(&ann, made).await["due"], expected);
        assert_eq!(ann.patch(&path, json!({"due": sent})).await.expect(200).data()["due"], expected);
        let listed = walk(&ann, &format!("/projects/{project}/tasks"), "limit=100").await;
        assert_eq!(listed.last().unwrap()["due"], expected);
    }
}

#[tokio::test]
async fn wrong_due_is_named() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let path = format!("/tasks/{}", ann.task(project, json!({"due": "2026-12-01"})).await);
    for wrong in [
        json!(""),
        json!("tomorrow"),
        json!("2026-12-1"),
        json!("2026-02-29"),
        json!("2026-13-01"),
        json!(" 2026-12-01"),
        json!("20261201"),
        json!("1969-12-31"),
        json!("10000-01-01"),
        json!("2026-12-01T09:30"),
        json!("2026-12-01T09:30:00"),
        json!("2026-12-01T25:00:00Z"),
        json!("1969-12-31T23:59:59Z"),
        json!("9999-12-31T23:59:59-01:00"),
        json!("2026-12-01\u{0}"),
        json!(1_796_083_200),
        json!(true),
        json!(["2026-12-01"]),
        json!({"day": "2026-12-01"}),
    ] {
        ann.patch(&path, json!({"due": wrong})).await.invalid(&["due"]);
        let body = json!({"title": "Dig", "due": wrong});
        ann.post(format!("/projects/{project}/tasks"), body).await.invalid(&["due"]);
    }
    let after = ann.get(&path).await.expect(200);
    assert_eq!((after.etag(), &after.data()["due"]), (r#""1""#, &json!("2026-12-01")));
}

#[tokio::test]
async fn another_spelling_of_an_instant_changes_nothing() {
    let server = Server::shared();
    let ann = server.register().await;
    let path = format!("/tasks/{}", ann.task(ann.project().await, json!({"due": "2026-12-01T07:30:00Z"})).await);
    for (due, version) in [
        (json!("2026-12-01T09:30:00+02:00"), 1),
        (json!("2026-12-01"), 2),
        (json!("2026-12-01"), 2),
        (json!("2026-12-01T23:59:59.999999Z"), 3),
        (Value::Null, 4),
        (Value::Null, 4),
    ] {
        let answer = ann.patch(&path, json!({"due": due})).await.expect(200);
        assert_eq!(answer.data()["version"], version, "{due}");
    }
    assert_eq!(ann.get(&path).await.expect(200).data()["due"], Value::Null);
    ann.patch(&path, json!({"due": "2026-12-01", "title": "Dig"})).await.expect(200);
    assert_eq!(ann.patch(&path, json!({"title": "Mow"})).await.expect(200).data()["due"], "2026-12-01");
}

#[tokio::test]
async fn a_day_counts_as_its_last_instant() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let mut made = Vec::new();
    for due in [
        json!("2026-12-01"),
        json!("2026-12-01T23:59:59.999998Z"),
        json!("2026-12-02T00:00:00Z"),
        json!("2026-12-01T23:59:59.999999Z"),
        Value::Null,
        json!("2026-12-01T00:00:00Z"),
    ] {
        made.push(ann.task(project, json!({"due": due})).await);
    }
    let [day, before, next, last, none, first] = made[..] else { unreachable!() };
    let path = format!("/projects/{project}/tasks");
    for (query, expected) in [
        ("sort=due", vec![first, before, day, last, next, none]),
        ("sort=-due", vec![next, day, last, before, first, none]),
        ("due_from=2026-12-01", vec![day, before, next, last, first]),
        ("due_until=2026-12-01", vec![day, before, last, first]),
        ("due_from=2026-12-02", vec![next]),
        ("due_until=2026-11-30", vec![]),
        ("due_from=2026-12-01T23:59:59.999999Z", vec![day, next, last]),
        ("due_until=2026-12-01T23:59:59.999998Z", vec![before, first]),
        ("due_from=2026-12-02T01:59:59.999999%2B02:00", vec![day, next, last]),
        ("due_from=2026-12-01&due_until=2026-12-01&sort=-due", vec![day, last, before, first]),
        ("due_from=2026-12-02&due_until=2026-12-01", vec![]),
    ] {
        assert_eq!(ids(&walk(&ann, &path, &format!("{query}&limit=2")).await), expected, "{query}");
    }
}

#[tokio::test]
async fn completed_at_is_when_the_task_became_done() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let done = ann.task(project, json!({"status": "done"})).await;
    let made = shown(&ann, done).await;
    assert_eq!(made["completed_at"], made["created_at"]);
    let path = format!("/tasks/{done}");
    let renamed = ann.patch(&path, json!({"title": "Dig"})).await.expect(200).data();
    assert_eq!(renamed["completed_at"], made["created_at"]);
    let reopened = ann.patch(&path, json!({"status": "in_progress"})).await.expect(200).data();
    assert_eq!(reopened["completed_at"], Value::Null);
    let again = ann.patch(&path, json!({"status": "done", "title": "Mow"})).await.expect(200).data();
    assert_eq!(again["completed_at"], again["updated_at"]);
    assert_eq!(shown(&ann, done).await, again);

    // Completed as a todo, which is two steps at once.
    let todos = format!("/api/{}/tasks", ann.id);
    let todo = ann.post(&todos, json!({"title": "Rest"})).await.expect(201).json()["id"].as_i64().unwrap();
    assert_eq!(shown(&ann, todo).await["completed_at"], Value::Null);
    ann.patch(format!("{todos}/{todo}/complete"), json!({"completed": true})).await.expect(200);
    let task = shown(&ann, todo).await;
    assert_eq!(task["completed_at"], task["updated_at"]);
}
