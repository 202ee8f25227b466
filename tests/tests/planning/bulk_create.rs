//! Many tasks created by one request.

use super::{encoded, faults, ids, label, order, shown};
use fasttrack_tests::{Account, MISSING, Request, Server, eventually, has_fields};
use reqwest::Method;
use serde_json::{Value, json};
use std::slice;

fn path(project: i64) -> String {
    format!("/projects/{project}/tasks/bulk")
}

fn create(account: &Account, project: i64, tasks: impl Into<Value>) -> Request {
    let tasks: Value = tasks.into();
    account.post(path(project), json!({"tasks": tasks}))
}

/// Returns the number of tasks of a project.
async fn count(account: &Account, project: i64) -> usize {
    super::walk(account, &format!("/projects/{project}/tasks"), "limit=100").await.len()
}

#[tokio::test]
async fn tasks_are_created_in_the_order_of_the_request() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    let (urgent, soon) = (label(&ann, project, "Urgent").await, label(&ann, project, "Soon").await);
    let parent = ann.task(project, json!({})).await;
    let reminder = "2126-12-01T08:00:00.000000Z";
    let answer = create(
        &ann,
        project,
        vec![
            json!({"title": " Paint the fence "}),
            json!({
                "title": "Cut the hedge", "description": "Low", "status": "in_progress", "priority": "high",
                "assignee_id": bob.id, "due": "2026-12-01T09:30:00+02:00", "reminders": [reminder],
                "labels": [soon, urgent], "parent_id": parent,
            }),
            json!({"title": "Mow", "status": "done", "due": "2026-12-01", "labels": [urgent]}),
            json!({"title": "Mow", "description": null, "assignee_id": null, "due": null, "parent_id": null}),
        ],
    );
    let answer = answer.await.expect(201);
    has_fields(&answer.data(), &["items"]);
    let items = answer.items();
    let titles: Vec<_> = items.iter().map(|item| item["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Paint the fence", "Cut the hedge", "Mow", "Mow"]);
    for item in &items {
        assert_eq!((&shown(&ann, item["id"].as_i64().unwrap()).await, &item["version"]), (item, &json!(1)));
    }
    let second = &items[1];
    assert_eq!((&second["assignee"], &second["parent_id"]), (&bob.person(), &json!(parent)));
    assert_eq!((&second["due"], &second["reminders"]), (&json!("2026-12-01T07:30:00Z"), &json!([reminder])));
    assert_eq!(ids(second["labels"].as_array().unwrap()), [urgent, soon]);
    assert_eq!(items[2]["completed_at"], items[2]["created_at"]);
    // By ascending id as well as in the order that people give.
    let made = ids(&items);
    assert!(made.is_sorted_by(|a, b| a < b), "{made:?}");
    assert_eq!(order(&ann, project).await, [&[parent][..], &made].concat());
    let found = ann.get(format!("/projects/{project}/tasks?q={}", encoded("hedge low"))).await.expect(200);
    assert_eq!(found.items(), slice::from_ref(second));
}

#[tokio::test]
async fn every_fault_names_its_task() {
    let server = Server::shared();
    let ann = server.register().await;
    let (project, another) = (ann.project().await, ann.project().await);
    let (foreign, elsewhere) = (label(&ann, another, "Foreign").await, ann.task(another, json!({})).await);
    let good = json!({"title": "Dig"});
    for (tasks, fields) in [
        (json!([]), vec!["tasks"]),
        (json!({}), vec!["tasks"]),
        (Value::Null, vec!["tasks"]),
        (json!(vec![good.clone(); 501]), vec!["tasks"]),
        (json!([7]), vec!["tasks.0"]),
        (json!([good, good, good, {}]), vec!["tasks.3.title"]),
        (json!([{"title": ""}, good, {"title": 7, "x": 1}]), vec!["tasks.0.title", "tasks.2.title", "tasks.2.x"]),
        (json!([good, {"title": "Dig", "due": "soon"}]), vec!["tasks.1.due"]),
        (json!([good, {"title": "Dig", "reminders": ["2126-12-01T08:00:00Z", 7]}]), vec!["tasks.1.reminders.1"]),
        (json!([{"title": "Dig", "labels": null}]), vec!["tasks.0.labels"]),
        (json!([good, {"title": "Dig", "position": "1"}]), vec!["tasks.1.position"]),
        (json!([good, {"title": "Dig", "reminders": ["2020-12-01T08:00:00Z"]}]), vec!["tasks.1.reminders.0"]),
    ] {
        create(&ann, project, tasks).await.invalid(&fields);
    }
    let unknown = json!([
        good,
        {"title": "Dig", "assignee_id": MISSING, "labels": [MISSING, foreign], "parent_id": elsewhere},
        {"title": "Dig", "assignee_id": ann.id},
        {"title": "Dig", "parent_id": MISSING},
    ]);
    let answer = create(&ann, project, unknown).await.expect(400);
    let named = |field: &str, code: &str| (field.to_owned(), code.to_owned());
    let expected = [
        named("tasks.1.assignee_id", "unknown_user"),
        named("tasks.1.labels.0", "unknown_label"),
        named("tasks.1.labels.1", "unknown_label"),
        named("tasks.1.parent_id", "unknown_task"),
        named("tasks.3.parent_id", "unknown_task"),
    ];
    assert_eq!(faults(&answer.json()), expected);
    ann.post(path(project), json!({})).await.invalid_as("tasks", "required");
    ann.post(path(project), json!({"tasks": [good], "x": 1})).await.invalid(&["x"]);
    ann.post("/projects/x/tasks/bulk", json!({"tasks": []})).await.invalid(&["path.id", "tasks"]);
    create(&ann, MISSING, vec![good]).await.refused(404, "not_found");
    // All or none.
    assert_eq!(count(&ann, project).await, 0);
}

#[tokio::test]
async fn five_hundred_tasks_fit_in_a_request() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let tasks: Vec<_> =
        (0..500).map(|n| json!({"title": format!("Task {n}"), "description": "x".repeat(1_900)})).collect();
    let items = create(&ann, project, tasks).await.expect(201).items();
    for (n, item) in items.iter().enumerate() {
        assert_eq!(item["title"], format!("Task {n}"));
    }
    assert_eq!((items.len(), order(&ann, project).await), (500, ids(&items)));
}

#[tokio::test]
async fn bulk_body_has_at_most_1_mib() {
    const MAX: usize = 1024 * 1024;
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let send = |size: usize| {
        let mut body = json!({"tasks": [{"title": "Dig"}]}).to_string().into_bytes();
        body.resize(size, b' ');
        ann.request(Method::POST, path(project)).body("application/json", body)
    };
    send(MAX).await.expect(201);
    send(MAX + 1).await.refused(413, "payload_too_large");
    assert_eq!(count(&ann, project).await, 1);
    // One task alone has no more room than before.
    let mut body = json!({"title": "Dig"}).to_string().into_bytes();
    body.resize(64 * 1024 + 1, b' ');
    let single = ann.request(Method::POST, format!("/projects/{project}/tasks")).body("application/json", body);
    single.await.refused(413, "payload_too_large");
    let text = ann.request(Method::POST, path(project)).body("text/plain", "{}").await;
    text.refused(415, "unsupported_media_type");
}

#[tokio::test]
async fn archived_project_gets_none_of_the_tasks() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    ann.patch(format!("/projects/{project}"), json!({"status": "archived"})).await.expect(200);
    create(&ann, project, vec![json!({"title": "Dig"})]).await.refused(409, "conflict");
    create(&ann, project, vec![json!({"title": ""})]).await.invalid(&["tasks.0.title"]);
    assert_eq!(count(&ann, project).await, 0);
}

#[tokio::test]
async fn each_new_task_has_its_events() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    let statuses = ["todo", "in_progress", "done"];
    let task = |n: usize| json!({"title": format!("Task {n}"), "status": statuses[n % 3], "assignee_id": bob.id});
    let made = super::tasks(&ann, project, (0..30).map(task)).await;
    let told = bob.follow(0).await.take(1..=30).await;
    let tasks: Vec<_> = told.iter().map(|told| told["data"]["task_id"].as_i64().unwrap()).collect();
    assert_eq!(tasks, made);
    for (n, told) in told.iter().enumerate() {
        assert_eq!((&told["type"], &told["data"]["task"]), (&json!("task_assigned"), &json!(format!("Task {n}"))));
    }
    eventually("all are counted", async || {
        let stats = ann.get(format!("/projects/{project}/stats")).await.expect(200).data();
        json!([stats["todo"], stats["in_progress"], stats["done"], stats["total"]]) == json!([10, 10, 10, 30])
    })
    .await;
}
