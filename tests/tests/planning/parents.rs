//! Tasks under other tasks.

use super::{ids, shown, version, walk};
use fasttrack_tests::{Account, Installation, MISSING, Server, eventually};
use serde_json::{Value, json};

/// Creates tasks each under the one before, the first under `parent`, and returns their ids.
async fn chain(account: &Account, project: i64, parent: Value, length: usize) -> Vec<i64> {
    let (mut made, mut parent) = (Vec::new(), parent);
    for _ in 0..length {
        let task = account.task(project, json!({"parent_id": parent})).await;
        made.push(task);
        parent = json!(task);
    }
    made
}

#[tokio::test]
async fn task_is_put_under_another_and_taken_out() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let (one, two) = (ann.task(project, json!({})).await, ann.task(project, json!({"parent_id": null})).await);
    let child = ann.task(project, json!({"parent_id": one})).await;
    assert_eq!(shown(&ann, child).await["parent_id"], one);
    assert_eq!(shown(&ann, one).await["parent_id"], Value::Null);
    for (parent, version) in [(json!(two), 2), (json!(two), 2), (Value::Null, 3), (Value::Null, 3), (json!(one), 4)] {
        let answer = ann.patch(format!("/tasks/{child}"), json!({"parent_id": parent})).await.expect(200);
        assert_eq!((&answer.data()["parent_id"], answer.etag()), (&parent, &*format!("\"{version}\"")));
        assert_eq!(shown(&ann, child).await, answer.data());
    }
    // What is above or under a change keeps its version.
    assert_eq!((version(&ann, one).await, version(&ann, two).await), (1, 1));
}

#[tokio::test]
async fn parent_must_be_a_task_of_the_project() {
    let server = Server::shared();
    let (ann, admin) = (server.register().await, server.admin().await);
    let (project, another) = (ann.project().await, ann.project().await);
    let (task, elsewhere) = (ann.task(project, json!({})).await, ann.task(another, json!({})).await);
    let gone = ann.task(project, json!({})).await;
    ann.delete(format!("/tasks/{gone}")).await.expect(204);
    for actor in [&ann, &admin] {
        for unknown in [elsewhere, gone, 0, -1, MISSING] {
            let change = json!({"parent_id": unknown});
            actor.patch(format!("/tasks/{task}"), change).await.invalid_as("parent_id", "unknown_task");
            let body = json!({"title": "Dig", "parent_id": unknown});
            let path = format!("/projects/{project}/tasks");
            actor.post(path, body).await.invalid_as("parent_id", "unknown_task");
        }
    }
    for wrong in [json!("1"), json!(1.5), json!(true), json!([task]), json!(9_223_372_036_854_775_808_u64)] {
        ann.patch(format!("/tasks/{task}"), json!({"parent_id": wrong})).await.invalid(&["parent_id"]);
        let body = json!({"title": "Dig", "parent_id": wrong});
        ann.post(format!("/projects/{project}/tasks"), body).await.invalid(&["parent_id"]);
    }
    assert_eq!(version(&ann, task).await, 1);
}

#[tokio::test]
async fn no_task_is_under_itself() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let tasks = chain(&ann, project, Value::Null, 4).await;
    for (place, task) in tasks.iter().enumerate() {
        for under in &tasks[place..] {
            let patch = json!({"parent_id": under, "title": "Mow"});
            ann.patch(format!("/tasks/{task}"), patch).await.invalid_as("parent_id", "cycle");
        }
        let current = shown(&ann, *task).await;
        assert_eq!((&current["title"], &current["version"]), (&json!("Water the roses"), &json!(1)));
    }
    // Turned around one by one.
    ann.patch(format!("/tasks/{}", tasks[3]), json!({"parent_id": null})).await.expect(200);
    ann.patch(format!("/tasks/{}", tasks[0]), json!({"parent_id": tasks[3]})).await.expect(200);
    let patch = ann.patch(format!("/tasks/{}", tasks[3]), json!({"parent_id": tasks[2]}));
    patch.await.invalid_as("parent_id", "cycle");
}

#[tokio::test]
async fn there_are_at_most_five_levels() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let tasks = chain(&ann, project, Value::Null, 5).await;
    let list = format!("/projects/{project}/tasks");
    let sixth = json!({"title": "Dig", "parent_id": tasks[4]});
    ann.post(&list, sixth).await.invalid_as("parent_id", "too_deep");
    let beside = chain(&ann, project, json!(tasks[3]), 1).await;
    // A task comes with what is under it.
    let three = chain(&ann, project, Value::Null, 3).await;
    let path = format!("/tasks/{}", three[0]);
    for (parent, lawful) in
        [(tasks[4], false), (beside[0], false), (tasks[3], false), (tasks[2], false), (tasks[1], true)]
    {
        let answer = ann.patch(&path, json!({"parent_id": parent})).await;
        if lawful {
            assert_eq!(answer.expect(200).data()["parent_id"], parent);
        } else {
            answer.invalid_as("parent_id", "too_deep");
        }
    }
    let sixth = json!({"title": "Dig", "parent_id": three[2]});
    ann.post(&list, sixth).await.invalid_as("parent_id", "too_deep");
    // What is taken out makes room.
    ann.patch(format!("/tasks/{}", three[1]), json!({"parent_id": null})).await.expect(200);
    ann.patch(&path, json!({"parent_id": tasks[2]})).await.expect(200);
    chain(&ann, project, json!(three[2]), 3).await;
}

#[tokio::test]
async fn deleted_task_takes_what_is_under_it() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    let top = ann.task(project, json!({"status": "done"})).await;
    let under = chain(&ann, project, json!(top), 4).await;
    let branch = ann.task(project, json!({"parent_id": under[0], "status": "in_progress"})).await;
    let kept = [ann.task(project, json!({})).await, ann.task(project, json!({"assignee_id": bob.id})).await];
    let sibling = ann.task(project, json!({"parent_id": kept[0], "assignee_id": bob.id})).await;
    let comment = ann.comment(under[3]).await;
    ann.patch(format!("/tasks/{}", under[2]), json!({"assignee_id": bob.id})).await.expect(200);
    let stats = async || ann.get(format!("/projects/{project}/stats")).await.expect(200).data();
    eventually("all are counted", async || stats().await["total"] == 9).await;

    ann.delete(format!("/tasks/{}", under[1])).await.expect(204);
    for gone in &under[1..] {
        ann.get(format!("/tasks/{gone}")).await.refused(404, "not_found");
    }
    ann.delete(format!("/comments/{comment}")).await.refused(404, "not_found");
    assert_eq!(bob.get("/tasks").await.expect(200).ids(), [kept[1], sibling]);
    ann.delete(format!("/tasks/{top}")).await.expect(204);
    for gone in [under[0], branch] {
        ann.get(format!("/tasks/{gone}")).await.refused(404, "not_found");
    }
    let left = walk(&ann, &format!("/projects/{project}/tasks"), "limit=100").await;
    assert_eq!(ids(&left), [kept[0], kept[1], sibling]);
    eventually("the numbers are right", async || {
        let stats = stats().await;
        json!([stats["todo"], stats["in_progress"], stats["done"], stats["total"]]) == json!([3, 0, 0, 3])
    })
    .await;
}

#[tokio::test]
async fn deleted_tasks_make_room_in_the_quota() {
    let server = Installation::new().with("MAX_TASKS_PER_PROJECT", "4").start();
    let ann = server.register().await;
    let project = ann.project().await;
    let tasks = chain(&ann, project, Value::Null, 4).await;
    let list = format!("/projects/{project}/tasks");
    ann.post(&list, json!({"title": "Fifth"})).await.refused(409, "quota_exceeded");
    ann.delete(format!("/tasks/{}", tasks[1])).await.expect(204);
    chain(&ann, project, json!(tasks[0]), 3).await;
    ann.post(&list, json!({"title": "Fifth"})).await.refused(409, "quota_exceeded");
}

#[tokio::test]
async fn lists_filter_by_parent() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let tasks = chain(&ann, project, Value::Null, 3).await;
    let second = ann.task(project, json!({"parent_id": tasks[0], "due": "2026-12-01"})).await;
    let list = format!("/projects/{project}/tasks");
    for (query, expected) in [
        ("parent_id=none".to_owned(), vec![tasks[0]]),
        (format!("parent_id={}", tasks[0]), vec![tasks[1], second]),
        (format!("parent_id={}&sort=due", tasks[0]), vec![second, tasks[1]]),
        (format!("parent_id={}&sort=-id", tasks[0]), vec![second, tasks[1]]),
        (format!("parent_id={second}"), vec![]),
        (format!("parent_id={MISSING}"), vec![]),
    ] {
        assert_eq!(ids(&walk(&ann, &list, &format!("{query}&limit=1")).await), expected, "{query}");
    }
}
