use fasttrack_tests::{MISSING, Server, has_fields, timestamp};
use serde_json::{Value, json};

#[tokio::test]
async fn new_task_has_default_status_priority_and_version() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let answer = ann.post(format!("/projects/{project}/tasks"), json!({"title": " Dig\t"})).await.expect(201);
    assert_eq!(answer.etag(), r#""1""#);
    let task = answer.data();
    has_fields(
        &task,
        &[
            "id",
            "project_id",
            "title",
            "description",
            "status",
            "priority",
            "assignee_id",
            "assignee",
            "due",
            "reminders",
            "labels",
            "parent_id",
            "position",
            "completed_at",
            "created_at",
            "updated_at",
            "version",
        ],
    );
    assert_eq!(task["project_id"], project);
    assert_eq!(task["title"], "Dig");
    assert_eq!(task["description"], Value::Null);
    assert_eq!(task["status"], "todo");
    assert_eq!(task["priority"], "medium");
    assert_eq!((&task["assignee_id"], &task["assignee"]), (&Value::Null, &Value::Null));
    for name in ["due", "parent_id", "completed_at"] {
        assert_eq!(task[name], Value::Null, "{name}");
    }
    assert_eq!((&task["reminders"], &task["labels"]), (&json!([]), &json!([])));
    assert!(task["position"].as_str().is_some_and(|position| !position.is_empty()), "{task:#}");
    assert_eq!(task["version"], 1);
    assert_eq!(timestamp(&task["created_at"]), timestamp(&task["updated_at"]));

    let location = answer.header("location").unwrap();
    assert!(location.ends_with(&format!("/tasks/{}", answer.id())), "{location}");
    let path = location.strip_prefix(server.url()).unwrap_or(location);
    assert_eq!(ann.get(path).await.expect(200).data(), task);
}

#[tokio::test]
async fn task_may_start_in_any_status() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let path = format!("/projects/{}/tasks", ann.project().await);
    for (status, priority) in [("todo", "low"), ("in_progress", "medium"), ("done", "high")] {
        let body = json!({
            "title": "é".repeat(200), "description": "x".repeat(10_000),
            "status": status, "priority": priority, "assignee_id": bob.id,
        });
        let task = ann.post(&path, body.clone()).await.expect(201).data();
        for (name, value) in body.as_object().unwrap() {
            assert_eq!(&task[name], value);
        }
        assert_eq!(task["assignee"], bob.person());
    }
    let nobody = json!({"title": "Dig", "description": null, "assignee_id": null});
    ann.post(&path, nobody).await.expect(201);
}

#[tokio::test]
async fn invalid_task_value_is_named() {
    let server = Server::shared();
    let ann = server.register().await;
    let path = format!("/projects/{}/tasks", ann.project().await);
    for (field, value) in [
        ("title", Value::Null),
        ("title", json!("")),
        ("title", json!("\n\n")),
        ("title", json!("x".repeat(201))),
        ("title", json!("a\u{0}b")),
        ("title", json!(7)),
        ("description", json!("x".repeat(10_001))),
        ("description", json!("\u{0}")),
        ("description", json!([])),
        ("status", json!("blocked")),
        ("status", json!("TODO")),
        ("status", json!(0)),
        ("priority", json!("urgent")),
        ("priority", json!(false)),
        ("assignee_id", json!("1")),
        ("assignee_id", json!(1.5)),
        ("assignee_id", json!(9_223_372_036_854_775_808_u64)),
        ("assignee", json!(null)),
        ("project_id", json!(1)),
        ("completed", json!(true)),
        ("due", json!("tomorrow")),
        ("reminders", Value::Null),
        ("labels", Value::Null),
        ("parent_id", json!("1")),
        ("position", json!("1")),
        ("completed_at", Value::Null),
    ] {
        let mut body = json!({"title": "Dig"});
        body[field] = value;
        ann.post(&path, body).await.invalid(&[field]);
    }
    ann.post(&path, json!({})).await.invalid(&["title"]);
    let all = json!({"description": 1, "status": "x", "priority": "x", "assignee_id": "x", "x": 1});
    let fields = ["title", "description", "status", "priority", "assignee_id", "x"];
    ann.post(&path, all).await.invalid(&fields);
    assert_eq!(ann.get(&path).await.expect(200).ids(), [0; 0]);
}

#[tokio::test]
async fn assignee_must_be_an_active_user() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    admin.patch(format!("/users/{}", bob.id), json!({"is_active": false})).await.expect(200);
    let path = format!("/projects/{}/tasks", ann.project().await);
    for id in [0, -1, MISSING, bob.id] {
        let answer = ann.post(&path, json!({"title": "Dig", "assignee_id": id})).await.invalid(&["assignee_id"]);
        assert_eq!(answer.json()["error"]["details"][0]["code"], "unknown_user");
    }
}

#[tokio::test]
async fn archived_project_refuses_new_tasks() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = format!("/projects/{}", ann.project().await);
    let tasks = format!("{project}/tasks");
    let task = ann.post(&tasks, json!({"title": "Dig"})).await.expect(201).id();
    ann.patch(&project, json!({"status": "archived"})).await.expect(200);
    ann.post(&tasks, json!({"title": "Plant"})).await.refused(409, "conflict");
    // The form comes before the state, and those that it has can still be worked on.
    ann.post(&tasks, json!({"title": ""})).await.invalid(&["title"]);
    ann.patch(format!("/tasks/{task}"), json!({"status": "in_progress"})).await.expect(200);
    ann.comment(task).await;
    ann.patch(&project, json!({"status": "active"})).await.expect(200);
    ann.post(&tasks, json!({"title": "Plant"})).await.expect(201);
}
