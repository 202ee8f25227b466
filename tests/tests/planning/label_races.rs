//! Labels that several clients change at once.

use super::{ids, label, shown};
use fasttrack_tests::{Account, Request, Server, all};
use reqwest::Method;
use serde_json::json;

const ROUNDS: usize = 4;

fn put(account: &Account, task: i64, label: i64) -> Request {
    account.request(Method::PUT, format!("/tasks/{task}/labels/{label}"))
}

fn remove(account: &Account, task: i64, label: i64) -> Request {
    account.delete(format!("/tasks/{task}/labels/{label}"))
}

/// Creates this many labels of a project.
async fn labels(account: &Account, project: i64, count: usize) -> Vec<i64> {
    let create = |n| account.post(format!("/projects/{project}/labels"), json!({"name": format!("Label {n}")}));
    let mut ids: Vec<_> = all((0..count).map(create)).await.into_iter().map(|made| made.expect(201).id()).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn labels_set_by_two_clients_at_once_are_all_there() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "editor").await;
    let labels = labels(&ann, project, 20).await;
    let (anns, bobs) = labels.split_at(10);
    for _ in 0..ROUNDS {
        let task = ann.task(project, json!({"labels": anns[..5]})).await;
        // Ann takes off what is there and puts others on, Bob puts his on, and the title changes meanwhile.
        let changes = anns[..5].iter().map(|label| remove(&ann, task, *label));
        let changes = changes.chain(anns[5..].iter().map(|label| put(&ann, task, *label)));
        let changes = changes.chain(bobs.iter().map(|label| put(&bob, task, *label)));
        for answer in all(changes.chain([ann.patch(format!("/tasks/{task}"), json!({"title": "Mow"}))])).await {
            assert!(matches!(answer.status, 200 | 204), "{answer:#?}");
        }
        let after = shown(&bob, task).await;
        assert_eq!(ids(after["labels"].as_array().unwrap()), labels[5..]);
        // The task it was, and 21 changes.
        assert_eq!((&after["title"], &after["version"]), (&json!("Mow"), &json!(22)));
    }
}

#[tokio::test]
async fn repeated_requests_at_once_make_one_version() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let label = label(&ann, project, "Urgent").await;
    let task = ann.task(project, json!({})).await;
    for answer in all((0..12).map(|_| put(&ann, task, label))).await {
        answer.expect(204);
    }
    assert_eq!(shown(&ann, task).await["version"], 2);
    for answer in all((0..12).map(|_| remove(&ann, task, label))).await {
        answer.expect(204);
    }
    assert_eq!(shown(&ann, task).await["version"], 3);
}

#[tokio::test]
async fn concurrent_requests_do_not_exceed_20_labels() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let labels = labels(&ann, project, 26).await;
    let task = ann.task(project, json!({"labels": labels[..12]})).await;
    let answers = all(labels[12..].iter().map(|label| put(&ann, task, *label))).await;
    let (set, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 204);
    assert_eq!((set.len(), refused.len()), (8, 6));
    for answer in refused {
        answer.refused(409, "quota_exceeded");
    }
    assert_eq!(shown(&ann, task).await["labels"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn one_of_concurrent_creations_of_a_name_succeeds() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    for round in 0..ROUNDS {
        let names = [format!("Straße {round}"), format!("STRASSE {round}"), format!("strasse {round}")];
        let create = |n: usize| ann.post(format!("/projects/{project}/labels"), json!({"name": names[n % 3]}));
        let answers = all((0..12).map(create)).await;
        let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
        assert_eq!((made.len(), refused.len()), (1, 11));
        for answer in refused {
            answer.refused(409, "conflict");
        }
    }
    assert_eq!(ann.get(format!("/projects/{project}/labels")).await.expect(200).ids().len(), ROUNDS);
}

#[tokio::test]
async fn no_task_keeps_a_label_that_is_deleted_meanwhile() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let list = format!("/projects/{project}/tasks");
    for round in 0..2 * ROUNDS {
        let label = label(&ann, project, &format!("Label {round}")).await;
        let path = format!("/labels/{label}");
        let tasks = super::tasks(&ann, project, vec![json!({}); 6]).await;
        let deletion = ann.delete(&path);
        let sets = tasks.iter().map(|task| put(&ann, *task, label));
        let creations = (0..3).map(|_| ann.post(&list, json!({"title": "Dig", "labels": [label]})));
        let patches = [ann.patch(format!("/tasks/{}", tasks[0]), json!({"labels": [label], "title": "Mow"}))];
        for answer in all(sets.chain([deletion]).chain(creations).chain(patches)).await {
            match answer.status {
                200 | 201 | 204 => {}
                404 => drop(answer.refused(404, "not_found")),
                _ => drop(answer.invalid_as("labels.0", "unknown_label")),
            }
        }
        for task in super::walk(&ann, &list, "limit=100").await {
            assert_eq!(task["labels"], json!([]), "{task:#}");
        }
        assert_eq!(ann.get(format!("{list}?label={label}")).await.expect(200).ids(), [0; 0]);
    }
}
