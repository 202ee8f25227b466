//! Labels on tasks.

use super::{faults, label, shown, version};
use fasttrack_tests::{Account, MISSING, Server};
use serde_json::{Value, json};

/// Creates this many labels, and returns their ids.
async fn labels(account: &Account, project: i64, count: usize) -> Vec<i64> {
    let mut labels = Vec::new();
    for n in 0..count {
        labels.push(label(account, project, &format!("Label {n}")).await);
    }
    labels
}

fn ids(task: &Value) -> Vec<i64> {
    super::ids(task["labels"].as_array().unwrap())
}

#[tokio::test]
async fn array_of_ids_replaces_the_labels() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let list = format!("/projects/{project}/labels");
    let labels = labels(&ann, project, 3).await;
    let all = ann.get(&list).await.expect(200).items();
    let [one, two, three] = labels[..] else { unreachable!() };
    let task = ann.task(project, json!({"labels": [three, one, three]})).await;
    let made = shown(&ann, task).await;
    assert_eq!(made["labels"], json!([all[0], all[2]]));
    for (sent, expected, version) in [
        (vec![one, three], vec![one, three], 1),
        (vec![two], vec![two], 2),
        (vec![three, two, one, two], vec![one, two, three], 3),
        (vec![], vec![], 4),
    ] {
        let answer = ann.patch(format!("/tasks/{task}"), json!({"labels": sent})).await.expect(200);
        assert_eq!((ids(&answer.data()), answer.etag()), (expected, &*format!("\"{version}\"")));
        assert_eq!(shown(&ann, task).await, answer.data());
        let listed = ann.get(format!("/projects/{project}/tasks")).await.expect(200).items();
        assert_eq!(listed, [answer.data()]);
    }
}

#[tokio::test]
async fn wrong_labels_of_a_task_are_named() {
    let server = Server::shared();
    let ann = server.register().await;
    let (project, another) = (ann.project().await, ann.project().await);
    let labels = labels(&ann, project, 21).await;
    let (own, foreign) = (labels[0], label(&ann, another, "Foreign").await);
    let task = ann.task(project, json!({})).await;
    for (wrong, fields) in [
        (Value::Null, vec!["labels"]),
        (json!(own), vec!["labels"]),
        (json!({"id": own}), vec!["labels"]),
        (json!(labels), vec!["labels"]),
        (json!([own, "1"]), vec!["labels.1"]),
        (json!([Value::Null, own, 1.5]), vec!["labels.0", "labels.2"]),
        (json!([own, foreign]), vec!["labels.1"]),
        (json!([MISSING, own, 0, foreign]), vec!["labels.0", "labels.2", "labels.3"]),
        (json!([foreign, foreign]), vec!["labels.0", "labels.1"]),
    ] {
        ann.patch(format!("/tasks/{task}"), json!({"labels": wrong})).await.invalid(&fields);
        let body = json!({"title": "Dig", "labels": wrong});
        ann.post(format!("/projects/{project}/tasks"), body).await.invalid(&fields);
    }
    let unknown = ann.patch(format!("/tasks/{task}"), json!({"labels": [own, foreign], "parent_id": MISSING})).await;
    let unknown = unknown.invalid(&["labels.1", "parent_id"]);
    let named = |field: &str, code: &str| (field.to_owned(), code.to_owned());
    assert_eq!(faults(&unknown.json()), [named("labels.1", "unknown_label"), named("parent_id", "unknown_task")]);
    assert_eq!((ids(&shown(&ann, task).await), version(&ann, task).await), (vec![], 1));
    // Twenty different ones, however often.
    let twice: Vec<_> = labels[..20].iter().chain(&labels[..20]).collect();
    let full = ann.patch(format!("/tasks/{task}"), json!({"labels": twice})).await.expect(200).data();
    assert_eq!(ids(&full), labels[..20]);
}

#[tokio::test]
async fn put_and_delete_change_one_label_alone() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    let labels = labels(&ann, project, 3).await;
    let [one, two, three] = labels[..] else { unreachable!() };
    let task = ann.task(project, json!({"labels": [two], "assignee_id": bob.id})).await;
    let path = |label: i64| format!("/tasks/{task}/labels/{label}");
    for (is_put, label, expected, expected_version) in [
        (true, two, vec![two], 1),
        (true, one, vec![one, two], 2),
        (true, one, vec![one, two], 2),
        (false, two, vec![one], 3),
        (false, two, vec![one], 3),
        (false, three, vec![one], 3),
        (true, three, vec![one, three], 4),
    ] {
        let request = if is_put { bob.request(reqwest::Method::PUT, path(label)) } else { bob.delete(path(label)) };
        assert_eq!(request.await.expect(204).body, "");
        let after = shown(&ann, task).await;
        assert_eq!((ids(&after), &after["version"]), (expected, &json!(expected_version)));
    }
}

#[tokio::test]
async fn label_of_another_project_is_not_found() {
    let server = Server::shared();
    let ann = server.register().await;
    let (project, another) = (ann.project().await, ann.project().await);
    let (own, foreign) = (label(&ann, project, "Own").await, label(&ann, another, "Foreign").await);
    let task = ann.task(project, json!({"labels": [own]})).await;
    for (task, label) in [(task, foreign), (task, MISSING), (task, 0), (MISSING, own), (0, own)] {
        let path = format!("/tasks/{task}/labels/{label}");
        ann.request(reqwest::Method::PUT, &path).await.refused(404, "not_found");
        ann.delete(&path).await.refused(404, "not_found");
    }
    for (path, fields) in [
        (format!("/tasks/x/labels/{own}"), &["path.id"][..]),
        (format!("/tasks/{task}/labels/x"), &["path.label_id"]),
        ("/tasks/x/labels/1.5".to_owned(), &["path.id", "path.label_id"]),
    ] {
        ann.request(reqwest::Method::PUT, &path).await.invalid(fields);
        ann.delete(&path).await.invalid(fields);
    }
    assert_eq!(version(&ann, task).await, 1);
}

#[tokio::test]
async fn a_task_takes_no_21st_label() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let labels = labels(&ann, project, 21).await;
    let task = ann.task(project, json!({"labels": labels[..20]})).await;
    let put = |label: i64| ann.request(reqwest::Method::PUT, format!("/tasks/{task}/labels/{label}"));
    let refused = put(labels[20]).await.refused(409, "quota_exceeded");
    assert!(refused.json()["error"]["message"].as_str().unwrap().contains("20 labels"), "{refused:#?}");
    put(labels[7]).await.expect(204);
    assert_eq!(version(&ann, task).await, 1);
    ann.delete(format!("/tasks/{task}/labels/{}", labels[3])).await.expect(204);
    put(labels[20]).await.expect(204);
    put(labels[3]).await.refused(409, "quota_exceeded");
    // The same where a deleted label makes room.
    ann.delete(format!("/labels/{}", labels[0])).await.expect(204);
    put(labels[3]).await.expect(204);
    assert_eq!((ids(&shown(&ann, task).await).len(), version(&ann, task).await), (20, 4));
}
