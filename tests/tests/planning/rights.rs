//! Who may plan, beside the table of the matrix.

use super::{faults, label, move_task, order, shown, tasks, version};
use fasttrack_tests::{Account, MISSING, Server};
use reqwest::Method;
use serde_json::{Value, json};

/// The project of an owner, with two labels and two tasks.
struct Garden {
    owner: Account,
    user: Account,
    project: i64,
    labels: [i64; 2],
    tasks: [i64; 2],
}

impl Garden {
    async fn new(server: &Server) -> Self {
        let (owner, user) = (server.register().await, server.register().await);
        let project = owner.project().await;
        let labels = [label(&owner, project, "Urgent").await, label(&owner, project, "Soon").await];
        let tasks = tasks(&owner, project, vec![json!({}); 2]).await.try_into().unwrap();
        Self { owner, user, project, labels, tasks }
    }

    /// Sends everything that only an editor may do, and returns the statuses.
    async fn edits(&self) -> Vec<u16> {
        let Self { user, project, labels, tasks, .. } = self;
        let bulk = format!("/projects/{project}/tasks/bulk");
        let list = format!("/projects/{project}/labels");
        let requests = [
            user.post(&list, json!({"name": "Later"})),
            user.patch(format!("/labels/{}", labels[0]), json!({"color": "#000000"})),
            user.post(&bulk, json!({"tasks": [{"title": "Dig"}]})),
            user.patch(&bulk, json!({"ids": tasks, "patch": {"priority": "high"}})),
            move_task(user, tasks[0], json!({"after": tasks[1]})),
            user.delete(format!("/labels/{}", labels[0])),
        ];
        let mut statuses = Vec::new();
        for request in requests {
            statuses.push(request.await.status);
        }
        statuses
    }
}

#[tokio::test]
async fn each_role_plans_what_it_may() {
    let server = Server::shared();
    // A label that was deleted isn't found afterwards.
    let gone = [403, 404, 403, 403, 403, 404];
    for (role, reads, edits, edits_later) in [
        (None, 403, [403; 6], [403; 6]),
        (Some("viewer"), 200, [403; 6], [403; 6]),
        (Some("commenter"), 200, [403; 6], [403; 6]),
        (Some("editor"), 200, [201, 200, 201, 200, 200, 204], gone),
    ] {
        let garden = Garden::new(&server).await;
        if let Some(role) = role {
            garden.owner.share(garden.project, &garden.user, role).await;
        }
        let project = format!("/projects/{}", garden.project);
        for list in ["labels", "tasks", "tasks?q=dig", "tasks?sort=position"] {
            garden.user.get(format!("{project}/{list}")).await.expect(reads);
        }
        assert_eq!(garden.edits().await, edits, "{role:?}");
        if reads == 200 {
            garden.owner.remove(garden.project, &garden.user).await;
            garden.user.get(format!("{project}/labels")).await.refused(403, "forbidden");
        }
        assert_eq!(garden.edits().await, edits_later, "{role:?}");
    }
}

#[tokio::test]
async fn assignee_without_role_plans_its_task_alone() {
    let server = Server::shared();
    let garden = Garden::new(&server).await;
    let Garden { owner, user, project, labels, tasks } = &garden;
    let (own, other) = (tasks[0], tasks[1]);
    owner.patch(format!("/tasks/{own}"), json!({"assignee_id": user.id})).await.expect(200);
    assert_eq!(garden.edits().await, [403; 6]);
    user.get(format!("/projects/{project}/labels")).await.refused(403, "forbidden");
    // Of the task itself it may change everything but the place.
    let patch = json!({
        "labels": [labels[0]], "due": "2026-12-01", "reminders": ["2126-12-01T08:00:00Z"], "parent_id": other,
    });
    let changed = user.patch(format!("/tasks/{own}"), patch).await.expect(200).data();
    assert_eq!((&changed["labels"][0]["name"], &changed["parent_id"]), (&json!("Urgent"), &json!(other)));
    user.request(Method::PUT, format!("/tasks/{own}/labels/{}", labels[1])).await.expect(204);
    user.delete(format!("/tasks/{own}/labels/{}", labels[0])).await.expect(204);
    assert_eq!(shown(user, own).await["labels"][0]["id"], labels[1]);
    user.request(Method::PUT, format!("/tasks/{other}/labels/{}", labels[1])).await.refused(403, "forbidden");
    let found = user.get(format!("/tasks?label={}", labels[1])).await.expect(200);
    assert_eq!(found.ids(), [own]);
    // With the task goes the right.
    owner.patch(format!("/tasks/{own}"), json!({"assignee_id": null})).await.expect(200);
    user.delete(format!("/tasks/{own}/labels/{}", labels[1])).await.refused(403, "forbidden");
    assert_eq!((version(owner, own).await, order(owner, *project).await), (6, tasks.to_vec()));
}

#[tokio::test]
async fn refusals_reveal_nothing_of_the_project() {
    let server = Server::shared();
    let garden = Garden::new(&server).await;
    let Garden { user, project, labels, tasks, .. } = &garden;
    let (task, bulk) = (format!("/tasks/{}", tasks[0]), format!("/projects/{project}/tasks/bulk"));
    for id in [labels[0], tasks[1], MISSING] {
        for patch in [json!({"labels": [id]}), json!({"parent_id": id})] {
            user.patch(&task, patch.clone()).await.refused(403, "forbidden");
            user.patch(&bulk, json!({"ids": [id], "patch": patch})).await.refused(403, "forbidden");
        }
        let draft = json!({"title": "Dig", "labels": [id], "parent_id": id});
        user.post(&bulk, json!({"tasks": [draft]})).await.refused(403, "forbidden");
        user.post(format!("/projects/{project}/tasks"), draft).await.refused(403, "forbidden");
        move_task(user, tasks[0], json!({"after": id})).await.refused(403, "forbidden");
        user.request(Method::PUT, format!("{task}/labels/{id}")).await.refused(403, "forbidden");
        user.delete(format!("{task}/labels/{id}")).await.refused(403, "forbidden");
    }
    // The form is judged before.
    user.post(&bulk, json!({"tasks": []})).await.invalid(&["tasks"]);
    user.patch(&bulk, json!({"ids": [tasks[0]], "patch": {"title": ""}})).await.invalid(&["patch.title"]);
    user.patch(format!("/labels/{}", labels[0]), json!({"name": ""})).await.invalid(&["name"]);
    move_task(user, tasks[0], json!({"before": null})).await.invalid(&["before"]);
    let past = json!({"reminders": ["2020-01-01T00:00:00Z"]});
    user.patch(&task, past).await.invalid_as("reminders.0", "past");
}

#[tokio::test]
async fn precondition_holds_for_planned_fields() {
    let server = Server::shared();
    let garden = Garden::new(&server).await;
    let Garden { owner, labels, tasks, .. } = &garden;
    let path = format!("/tasks/{}", tasks[0]);
    owner.request(Method::PUT, format!("{path}/labels/{}", labels[0])).await.expect(204);
    move_task(owner, tasks[0], json!({"after": tasks[1]})).await.expect(200);
    for patch in [json!({"due": "2026-12-01"}), json!({"labels": []}), json!({"parent_id": tasks[1]})] {
        let stale = owner.patch(&path, patch).header("if-match", r#""2""#).await;
        stale.refused(412, "precondition_failed");
    }
    let wrong = owner.patch(&path, json!({"labels": [MISSING]})).header("if-match", r#""3""#).await;
    assert_eq!(faults(&wrong.expect(400).json()), [("labels.0".to_owned(), "unknown_label".to_owned())]);
    let current = owner.patch(&path, json!({"due": "2026-12-01"})).header("if-match", r#""3""#).await.expect(200);
    assert_eq!(current.etag(), r#""4""#);
    assert_eq!(owner.get(&path).header("if-none-match", r#""4""#).await.expect(304).body, "");
}

#[tokio::test]
async fn acts_of_an_admin_on_labels_are_audited() {
    let server = Server::shared();
    let (garden, admin) = (Garden::new(&server).await, server.admin().await);
    let Garden { owner, project, labels, tasks, .. } = &garden;
    let made = label(&admin, *project, "Later").await;
    admin.patch(format!("/labels/{made}"), json!({"name": "Now"})).await.expect(200);
    admin.patch(format!("/labels/{made}"), json!({"name": "Now"})).await.expect(200);
    admin.request(Method::PUT, format!("/tasks/{}/labels/{made}", tasks[0])).await.expect(204);
    move_task(&admin, tasks[1], json!({"after": null})).await.expect(200);
    admin.delete(format!("/labels/{made}")).await.expect(204);
    owner.patch(format!("/labels/{}", labels[0]), json!({"name": "Never"})).await.expect(200);
    owner.delete(format!("/labels/{}", labels[0])).await.expect(204);
    let about = async |object: String| {
        let lines = admin.get(format!("/audit?limit=100&object={object}")).await.expect(200).items();
        assert!(lines.iter().all(|line| line["actor_id"] == admin.id), "{lines:#?}");
        lines
    };
    let lines = about(format!("label/{made}")).await;
    let actions: Vec<_> = lines.iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["label.deleted", "label.updated", "label.created"]);
    assert_eq!(lines[1]["changes"], json!({"name": ["Later", "Now"]}));
    assert_eq!(about(format!("label/{}", labels[0])).await, [] as [Value; 0]);
    for task in tasks {
        let lines = about(format!("task/{task}")).await;
        assert_eq!((lines.len(), &lines[0]["action"]), (1, &json!("task.updated")));
    }
}
