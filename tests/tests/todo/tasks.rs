//! Todos are tasks of a project, and both APIs show the same state.

use super::{get, inbox, path, task, todo};
use fasttrack_tests::{Account, Client, Server, eventually};
use reqwest::Method;
use serde_json::{Value, json};

async fn projects(account: &Account) -> Vec<Value> {
    account.get("/projects").await.expect(200).items()
}

/// Waits until the project's statistics are these.
async fn counts(client: &Client, project: i64, todo: i64, in_progress: i64, done: i64) {
    let expected = json!([todo, in_progress, done, todo + in_progress + done]);
    eventually(&format!("the numbers are {expected}"), async || {
        let all = client.get(format!("/projects/{project}/stats")).await.expect(200).data();
        json!([all["todo"], all["in_progress"], all["done"], all["total"]]) == expected
    })
    .await;
}

/// Waits until the account has `count` notifications, and returns them, the newest first.
async fn told(account: &Account, count: usize) -> Vec<Value> {
    let mut items = Vec::new();
    eventually(&format!("{count} notifications"), async || {
        items = account.get("/notifications").await.expect(200).items();
        items.len() >= count
    })
    .await;
    assert_eq!(items.len(), count, "{items:#?}");
    items
}

#[tokio::test]
async fn todos_are_tasks_of_project_inbox() {
    let server = Server::shared();
    let ann = server.register().await;
    assert_eq!(projects(&ann).await, [] as [Value; 0]);
    let one = todo(&ann, json!({"title": "Dig", "description": "Deep"})).await;
    let other = todo(&ann, json!({"completed": true})).await;
    let project = inbox(&ann, &one).await;
    let all = projects(&ann).await;
    assert_eq!((all.len(), all[0]["id"].as_i64(), &all[0]["name"]), (1, Some(project), &json!("Inbox")));
    assert_eq!((&all[0]["status"], &all[0]["description"]), (&json!("active"), &Value::Null));
    let tasks = ann.get(format!("/projects/{project}/tasks")).await.expect(200).items();
    assert_eq!(tasks.len(), 2);
    let expected = json!({
        "title": "Dig", "description": "Deep", "status": "todo", "priority": "medium", "assignee_id": null, "version": 1,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&tasks[0][name], value, "{name}");
    }
    assert_eq!(tasks[1]["status"], "done");
    assert_eq!(ann.get(task(&other)).await.expect(200).data(), tasks[1]);
    for (todo, task) in [(&one, &tasks[0]), (&other, &tasks[1])] {
        let todo = get(&ann, todo).await;
        for field in ["id", "title", "description", "created_at", "updated_at"] {
            assert_eq!(todo[field], task[field]);
        }
    }
}

#[tokio::test]
async fn todos_count_in_project_statistics() {
    let server = Server::shared();
    let ann = server.register().await;
    let one = todo(&ann, json!({})).await;
    let project = inbox(&ann, &one).await;
    counts(&ann, project, 1, 0, 0).await;
    let other = todo(&ann, json!({"completed": true})).await;
    counts(&ann, project, 1, 0, 1).await;
    ann.request(Method::PATCH, format!("{one}/complete")).await.expect(200);
    counts(&ann, project, 0, 0, 2).await;
    ann.put(&one, json!({"title": "Dig"})).await.expect(200);
    counts(&ann, project, 1, 0, 1).await;
    ann.delete(&other).await.expect(204);
    counts(&ann, project, 1, 0, 0).await;
    ann.patch(task(&one), json!({"status": "in_progress"})).await.expect(200);
    counts(&ann, project, 0, 1, 0).await;
    ann.request(Method::PATCH, format!("{one}/complete")).await.expect(200);
    counts(&ann, project, 0, 0, 1).await;
}

#[tokio::test]
async fn completion_sends_assignee_one_notification() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let one = todo(&ann, json!({"title": "Dig"})).await;
    ann.patch(task(&one), json!({"assignee_id": bob.id})).await.expect(200);
    told(&bob, 1).await;
    let answer = ann.patch(format!("{one}/complete"), json!({"completed": true})).await.expect(200);
    assert_eq!(answer.etag(), r#""3""#);
    let news = told(&bob, 2).await;
    assert_eq!((&news[0]["type"], &news[0]["seq"]), (&json!("status_changed"), &json!(2)));
    let expected = json!({
        "task_id": get(&ann, &one).await["id"], "task": "Dig", "project_id": inbox(&ann, &one).await, "project": "Inbox",
        "old": "todo", "new": "done", "changed_by": ann.name(),
    });
    assert_eq!(news[0]["data"], expected);
    ann.request(Method::PATCH, format!("{one}/complete")).await.expect(200);
    let news = told(&bob, 3).await;
    assert_eq!((&news[0]["data"]["old"], &news[0]["data"]["new"]), (&json!("done"), &json!("todo")));
    assert_eq!(ann.get("/notifications").await.expect(200).items(), [] as [Value; 0], "she knows");
    // Not even the assignee sees it as a todo.
    bob.get(&one).await.problem(403, "forbidden");
    let elsewhere = one.replace(&path(&ann), &path(&bob));
    bob.get(elsewhere).await.problem(404, "not_found");
}

#[tokio::test]
async fn started_task_is_not_completed_and_stays_started() {
    let server = Server::shared();
    let ann = server.register().await;
    let one = todo(&ann, json!({"title": "Dig"})).await;
    ann.patch(task(&one), json!({"status": "in_progress"})).await.expect(200);
    assert_eq!(get(&ann, &one).await["completed"], false);
    let listed = ann.get(format!("{}?completed=false", path(&ann))).await.expect(200).json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    // It isn't, so there is nothing to do.
    for answer in [
        ann.patch(format!("{one}/complete"), json!({"completed": false})).await,
        ann.put(&one, json!({"title": "Dig"})).await,
    ] {
        assert_eq!(answer.expect(200).etag(), r#""2""#);
    }
    assert_eq!(ann.get(task(&one)).await.expect(200).data()["status"], "in_progress");
    ann.request(Method::PATCH, format!("{one}/complete")).await.expect(200);
    assert_eq!(ann.get(task(&one)).await.expect(200).data()["status"], "done");
    // Elsewhere steps are taken one by one all the same.
    ann.patch(task(&one), json!({"status": "todo"})).await.refused(409, "invalid_status_transition");
}

#[tokio::test]
async fn tasks_created_in_inbox_are_todos() {
    let server = Server::shared();
    let (ann, admin) = (server.register().await, server.admin().await);
    let project = inbox(&ann, &todo(&ann, json!({})).await).await;
    let made = admin.task(project, json!({"title": "Mow", "priority": "high"})).await;
    assert_eq!(get(&ann, &format!("{}/{made}", path(&ann))).await["title"], "Mow");
    ann.put(format!("{}/{made}", path(&ann)), json!({"title": "Rake"})).await.expect(200);
    assert_eq!(admin.get(format!("/tasks/{made}")).await.expect(200).data()["priority"], "high");
}

#[tokio::test]
async fn renamed_inbox_stays_the_inbox() {
    let server = Server::shared();
    let ann = server.register().await;
    let one = todo(&ann, json!({})).await;
    let project = inbox(&ann, &one).await;
    ann.patch(format!("/projects/{project}"), json!({"name": "Errands"})).await.expect(200);
    let namesake = ann.post("/projects", json!({"name": "Inbox"})).await.expect(201).id();
    let task = ann.task(namesake, json!({})).await;
    let other = todo(&ann, json!({})).await;
    assert_eq!(inbox(&ann, &other).await, project);
    assert_eq!(ann.get(path(&ann)).await.expect(200).json().as_array().unwrap().len(), 2);
    ann.get(format!("{}/{task}", path(&ann))).await.problem(404, "not_found");
    assert_eq!(projects(&ann).await.len(), 2);
}

#[tokio::test]
async fn archived_inbox_refuses_new_todos() {
    let server = Server::shared();
    let ann = server.register().await;
    let one = todo(&ann, json!({})).await;
    let project = format!("/projects/{}", inbox(&ann, &one).await);
    ann.patch(&project, json!({"status": "archived"})).await.expect(200);
    ann.post(path(&ann), json!({"title": "Dig"})).await.problem(409, "conflict");
    ann.request(Method::PATCH, format!("{one}/complete")).await.expect(200);
    assert_eq!(ann.get(path(&ann)).await.expect(200).json()[0]["completed"], true);
    ann.patch(&project, json!({"status": "active"})).await.expect(200);
    ann.post(path(&ann), json!({"title": "Dig"})).await.expect(201);
    assert_eq!(projects(&ann).await.len(), 1);
}

#[tokio::test]
async fn deleted_inbox_loses_todos_and_is_recreated() {
    let server = Server::shared();
    let ann = server.register().await;
    let one = todo(&ann, json!({})).await;
    let project = inbox(&ann, &one).await;
    ann.delete(format!("/projects/{project}")).await.expect(204);
    assert_eq!(ann.get(path(&ann)).await.expect(200).json(), json!([]));
    ann.get(&one).await.problem(404, "not_found");
    let next = todo(&ann, json!({})).await;
    assert!(inbox(&ann, &next).await > project);
    let all = projects(&ann).await;
    assert_eq!((all.len(), &all[0]["name"]), (1, &json!("Inbox")));
}
