//! Every change is delivered, with what GET returns then.

use super::{Webhook, changed, shared, without};
use fasttrack_tests::{Account, Receiver};
use reqwest::Method;
use serde_json::{Value, json};

/// Returns what GET returns of a task.
async fn task(reader: &Account, task: i64) -> Value {
    reader.get(format!("/tasks/{task}")).await.expect(200).data()
}

#[tokio::test]
async fn changes_of_tasks_and_comments_are_delivered() {
    let server = shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    ann.share(project, &bob, "editor").await;
    let label = ann.post(format!("/projects/{project}/labels"), json!({"name": "soon"})).await.expect(201).id();
    let webhook = Webhook::new(&ann, project, &receiver).await;
    let first = bob.task(project, json!({"due": "2030-12-01", "assignee_id": ann.id})).await;
    assert_eq!(changed(&receiver, &webhook, "task.created", &bob).await, task(&ann, first).await);

    let path = format!("/tasks/{first}");
    ann.patch(&path, json!({"status": "in_progress", "description": "Deep"})).await.expect(200);
    assert_eq!(changed(&receiver, &webhook, "task.updated", &ann).await, task(&ann, first).await);
    // What changes nothing is no change.
    ann.patch(&path, json!({"status": "in_progress"})).await.expect(200);
    ann.request(Method::PUT, format!("{path}/labels/{label}")).await.expect(204);
    let labeled = task(&ann, first).await;
    assert_eq!(labeled["labels"][0]["name"], "soon");
    assert_eq!(changed(&receiver, &webhook, "task.updated", &ann).await, labeled);
    // A label that is renamed makes no version, and no delivery.
    ann.patch(format!("/labels/{label}"), json!({"name": "later"})).await.expect(200);

    let second = ann.task(project, json!({"parent_id": first})).await;
    assert_eq!(changed(&receiver, &webhook, "task.created", &ann).await, task(&ann, second).await);
    ann.post(format!("/tasks/{second}/move"), json!({"after": null})).await.expect(200);
    assert_eq!(changed(&receiver, &webhook, "task.updated", &ann).await, task(&ann, second).await);

    let comment = bob.post(format!("{path}/comments"), json!({"body": "Done soon"})).await.expect(201);
    assert_eq!(comment.data()["author"], bob.person());
    assert_eq!(changed(&receiver, &webhook, "comment.created", &bob).await, comment.data());
    bob.delete(format!("/comments/{}", comment.id())).await.expect(204);
    assert_eq!(changed(&receiver, &webhook, "comment.deleted", &bob).await, comment.data());

    let before = task(&ann, second).await;
    ann.delete(format!("/tasks/{second}")).await.expect(204);
    assert_eq!(changed(&receiver, &webhook, "task.deleted", &ann).await, before);
    assert_eq!(webhook.newest_is(&ann, "delivered", 1).await["type"], "task.deleted");
}

#[tokio::test]
async fn changes_of_the_project_and_its_members_are_delivered() {
    let server = shared();
    let (ann, bob, cleo) = (server.register().await, server.register().await, server.register().await);
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    let path = format!("/projects/{project}");
    let webhook = Webhook::new(&ann, project, &receiver).await;
    ann.patch(&path, json!({"name": "Yard", "description": "Behind the house"})).await.expect(200);
    let shown = without(ann.get(&path).await.expect(200).data(), "role");
    assert_eq!(changed(&receiver, &webhook, "project.updated", &ann).await, shown);

    let added = ann.put(format!("{path}/members/{}", bob.id), json!({"role": "viewer"})).await.expect(201).data();
    let added = without(without(added, "email"), "role");
    assert_eq!(changed(&receiver, &webhook, "member.added", &ann).await, added);
    // Another role is neither added nor removed.
    ann.share(project, &bob, "editor").await;
    ann.share(project, &cleo, "viewer").await;
    assert_eq!(changed(&receiver, &webhook, "member.added", &ann).await["user_id"], cleo.id);
    let task = ann.task(project, json!({"assignee_id": bob.id})).await;
    assert_eq!(changed(&receiver, &webhook, "task.created", &ann).await["assignee"], bob.person());

    ann.post(format!("{path}/transfer"), json!({"user_id": cleo.id})).await.expect(200);
    let shown = without(cleo.get(&path).await.expect(200).data(), "role");
    assert_eq!(shown["owner_id"], cleo.id);
    assert_eq!(changed(&receiver, &webhook, "project.updated", &ann).await, shown);

    // The assignments end with the membership.
    bob.remove(project, &bob).await;
    let mut sent = [receiver.next().await.json(), receiver.next().await.json()];
    sent.sort_by_key(|message| message["type"].as_str().unwrap().to_owned());
    let [removed, updated] = sent;
    assert_eq!((&removed["type"], &updated["type"]), (&json!("member.removed"), &json!("task.updated")));
    for message in [&removed, &updated] {
        assert_eq!(message["data"]["actor"], bob.person());
    }
    assert_eq!(removed["data"]["member"], added);
    assert_eq!(updated["data"]["task"], self::task(&cleo, task).await);
    assert_eq!(updated["data"]["task"]["assignee"], Value::Null);
}

/// Returns the tasks of the next messages, all of this kind, by ascending id.
async fn tasks(receiver: &Receiver, webhook: &Webhook, kind: &str, actor: &Account, count: usize) -> Vec<Value> {
    let mut tasks = Vec::new();
    for _ in 0..count {
        tasks.push(changed(receiver, webhook, kind, actor).await);
    }
    tasks.sort_by_key(|task| task["id"].as_i64());
    tasks
}

#[tokio::test]
async fn many_tasks_changed_at_once_are_a_delivery_each() {
    let server = shared();
    let ann = server.register().await;
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    let webhook = Webhook::new(&ann, project, &receiver).await;
    let bulk = format!("/projects/{project}/tasks/bulk");
    let new = json!([{"title": "Dig"}, {"title": "Sow"}, {"title": "Weed", "status": "in_progress"}]);
    let made = ann.post(&bulk, json!({"tasks": new})).await.expect(201).items();
    assert_eq!(tasks(&receiver, &webhook, "task.created", &ann, 3).await, made);

    let ids: Vec<_> = made.iter().map(|task| task["id"].clone()).collect();
    // One of them is in progress already.
    let patch = json!({"ids": ids, "patch": {"status": "in_progress"}});
    let patched = ann.patch(&bulk, patch).await.expect(200).items();
    assert_eq!(tasks(&receiver, &webhook, "task.updated", &ann, 2).await, patched[..2]);

    let child = ann.task(project, json!({"parent_id": ids[0]})).await;
    assert_eq!(changed(&receiver, &webhook, "task.created", &ann).await["id"], child);
    let before = [task(&ann, ids[0].as_i64().unwrap()).await, task(&ann, child).await];
    ann.delete(format!("/tasks/{}", ids[0])).await.expect(204);
    assert_eq!(tasks(&receiver, &webhook, "task.deleted", &ann, 2).await, before);
    assert_eq!(receiver.received().len(), 8);
}

#[tokio::test]
async fn todo_is_delivered_as_a_task() {
    let server = shared();
    let (ann, receiver) = (server.register().await, Receiver::start().await);
    let todos = format!("/api/{}/tasks", ann.id);
    let todo = ann.post(&todos, json!({"title": "Dig"})).await.expect(201).json()["id"].as_i64().unwrap();
    let inbox = ann.get("/projects").await.expect(200).ids()[0];
    let webhook = Webhook::new(&ann, inbox, &receiver).await;
    ann.patch(format!("{todos}/{todo}/complete"), json!({"completed": true})).await.expect(200);
    let done = changed(&receiver, &webhook, "task.updated", &ann).await;
    assert_eq!((&done, &done["status"]), (&task(&ann, todo).await, &json!("done")));
    let second = ann.post(&todos, json!({"title": "Sow"})).await.expect(201).json()["id"].as_i64().unwrap();
    assert_eq!(changed(&receiver, &webhook, "task.created", &ann).await, task(&ann, second).await);
    ann.delete(format!("{todos}/{second}")).await.expect(204);
    assert_eq!(changed(&receiver, &webhook, "task.deleted", &ann).await["id"], second);
}

#[tokio::test]
async fn only_wanted_types_are_delivered() {
    let server = shared();
    let ann = server.register().await;
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    let body = json!({"url": receiver.url(), "types": ["comment.created"]});
    let webhook = Webhook::create(&ann, project, body).await;
    let task = ann.task(project, json!({})).await;
    let comment = ann.comment(task).await;
    assert_eq!(changed(&receiver, &webhook, "comment.created", &ann).await["id"], comment);
    ann.patch(webhook.path(), json!({"types": ["task.deleted"]})).await.expect(200);
    ann.comment(task).await;
    ann.delete(format!("/tasks/{task}")).await.expect(204);
    assert_eq!(changed(&receiver, &webhook, "task.deleted", &ann).await["id"], task);
    assert_eq!(webhook.deliveries(&ann).await.len(), 2);
}
