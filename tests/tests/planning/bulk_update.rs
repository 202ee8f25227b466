//! One patch of many tasks.

use super::{faults, ids, label, shown, tasks, version};
use fasttrack_tests::{Account, MISSING, Request, Server, all, has_fields};
use reqwest::Method;
use serde_json::{Value, json};

fn path(project: i64) -> String {
    format!("/projects/{project}/tasks/bulk")
}

fn update(account: &Account, project: i64, tasks: &[i64], patch: Value) -> Request {
    let mut body = json!({"ids": tasks});
    body["patch"] = patch;
    account.patch(path(project), body)
}

/// Fails unless these tasks have version 1.
async fn are_unchanged(reader: &Account, tasks: &[i64]) {
    for task in tasks {
        assert_eq!(version(reader, *task).await, 1);
    }
}

#[tokio::test]
async fn patch_changes_all_tasks_in_the_order_of_the_ids() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    let urgent = label(&ann, project, "Urgent").await;
    let made = tasks(&ann, project, (0..4).map(|n| json!({"title": format!("Task {n}")}))).await;
    let parent = ann.task(project, json!({})).await;
    let chosen = [made[2], made[0], made[3]];
    let reminder = "2126-12-01T08:00:00.000000Z";
    let patch = json!({
        "description": "Deep", "status": "in_progress", "priority": "high", "assignee_id": bob.id, "due": "2026-12-01",
        "reminders": [reminder], "labels": [urgent], "parent_id": parent,
    });
    let answer = update(&ann, project, &chosen, patch.clone()).await.expect(200);
    has_fields(&answer.data(), &["items"]);
    let items = answer.items();
    assert_eq!(ids(&items), chosen);
    for item in &items {
        assert_eq!(shown(&ann, item["id"].as_i64().unwrap()).await, *item);
        for (name, value) in patch.as_object().unwrap().iter().filter(|(name, _)| *name != "labels") {
            assert_eq!(&item[name], value, "{name}");
        }
        assert_eq!((&item["labels"][0]["id"], &item["assignee"]), (&json!(urgent), &bob.person()));
        assert_eq!((&item["version"], &item["updated_at"]), (&json!(2), &items[0]["updated_at"]));
    }
    assert_eq!(items[1]["title"], "Task 0");
    are_unchanged(&ann, &[made[1], parent]).await;

    // Those that are so already stay as they are.
    let some = [made[1], made[0], made[2]];
    let again =
        update(&ann, project, &some, json!({"priority": "high", "due": "2026-12-01"})).await.expect(200).items();
    assert_eq!((ids(&again), &again[1], &again[2]), (some.to_vec(), &items[1], &items[0]));
    assert_eq!((&again[0]["priority"], &again[0]["version"]), (&json!("high"), &json!(2)));
    assert_eq!(update(&ann, project, &some, json!({})).await.expect(200).items(), again);
    let cleared = json!({"due": null, "assignee_id": null, "labels": [], "reminders": [], "parent_id": null});
    for item in update(&ann, project, &chosen, cleared).await.expect(200).items() {
        let fields = ["due", "assignee", "labels", "reminders", "parent_id", "version"].map(|name| item[name].clone());
        assert_eq!(json!(fields), json!([null, null, [], [], null, 3]));
    }
}

#[tokio::test]
async fn bulk_patch_may_be_a_merge_patch() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let task = ann.task(project, json!({})).await;
    let body = json!({"ids": [task], "patch": {"title": "Dig"}}).to_string();
    for (media_type, status) in
        [("application/json", 200), ("application/merge-patch+json", 200), ("text/plain", 415), ("", 415)]
    {
        ann.request(Method::PATCH, path(project)).body(media_type, body.clone()).await.expect(status);
    }
    assert_eq!(version(&ann, task).await, 2);
}

#[tokio::test]
async fn every_fault_names_its_id_or_field() {
    let server = Server::shared();
    let ann = server.register().await;
    let (project, another) = (ann.project().await, ann.project().await);
    let made = tasks(&ann, project, vec![json!({}); 3]).await;
    let [a, b, c] = made[..] else { unreachable!() };
    let (foreign, elsewhere) = (label(&ann, another, "Foreign").await, ann.task(another, json!({})).await);
    for (body, fields) in [
        (json!({}), vec!["ids", "patch"]),
        (json!({"ids": [a]}), vec!["patch"]),
        (json!({"patch": {}}), vec!["ids"]),
        (json!({"ids": [], "patch": {}}), vec!["ids"]),
        (json!({"ids": a, "patch": {}}), vec!["ids"]),
        (json!({"ids": null, "patch": null}), vec!["ids", "patch"]),
        (json!({"ids": [a], "patch": 7}), vec!["patch"]),
        (json!({"ids": [a, "1", 1.5], "patch": {}}), vec!["ids.1", "ids.2"]),
        (json!({"ids": (1..=501).collect::<Vec<_>>(), "patch": {}}), vec!["ids"]),
        (json!({"ids": [a], "patch": {}, "x": 1}), vec!["x"]),
        (json!({"ids": [a], "patch": {"title": "", "x": 1}}), vec!["patch.title", "patch.x"]),
        (json!({"ids": [a], "patch": {"title": null, "labels": null}}), vec!["patch.title", "patch.labels"]),
        (json!({"ids": [a], "patch": {"due": "soon", "position": "1"}}), vec!["patch.due", "patch.position"]),
        (json!({"ids": [a], "patch": {"reminders": ["soon"]}}), vec!["patch.reminders.0"]),
        (json!({"ids": [a], "patch": {"reminders": ["2020-01-01T00:00:00Z"]}}), vec!["patch.reminders.0"]),
    ] {
        ann.patch(path(project), body).await.invalid(&fields);
    }
    let named = |field: &str, code: &str| (field.to_owned(), code.to_owned());
    for (sent, patch, expected) in [
        (vec![a, elsewhere, b], json!({}), vec![named("ids.1", "unknown_task")]),
        (vec![MISSING, a, 0], json!({}), vec![named("ids.0", "unknown_task"), named("ids.2", "unknown_task")]),
        (vec![a, b, a, a], json!({}), vec![named("ids.2", "unknown_task"), named("ids.3", "unknown_task")]),
        (vec![a], json!({"assignee_id": MISSING}), vec![named("patch.assignee_id", "unknown_user")]),
        (
            vec![a, MISSING],
            json!({"assignee_id": MISSING}),
            vec![named("ids.1", "unknown_task"), named("patch.assignee_id", "unknown_user")],
        ),
        (vec![a], json!({"labels": [foreign]}), vec![named("patch.labels.0", "unknown_label")]),
        (vec![a], json!({"parent_id": elsewhere}), vec![named("patch.parent_id", "unknown_task")]),
        (vec![b, c, a], json!({"parent_id": a}), vec![named("ids.2", "cycle")]),
    ] {
        let answer = update(&ann, project, &sent, patch).await.refused(400, "validation_failed");
        assert_eq!(faults(&answer.json()), expected);
    }
    update(&ann, MISSING, &[a], json!({"title": "Mow"})).await.refused(404, "not_found");
    are_unchanged(&ann, &made).await;
}

#[tokio::test]
async fn unlawful_step_of_one_task_refuses_all() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let statuses = ["in_progress", "todo", "done", "todo"];
    let made = tasks(&ann, project, statuses.map(|status| json!({"status": status}))).await;
    let patch = json!({"status": "done", "title": "Mow"});
    let refused = update(&ann, project, &made, patch).await.refused(409, "invalid_status_transition");
    let fields: Vec<_> = faults(&refused.json()).into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["ids.1", "ids.3"]);
    are_unchanged(&ann, &made).await;
    let lawful = update(&ann, project, &[made[2], made[0]], json!({"status": "done"})).await.expect(200).items();
    assert_eq!((&lawful[0]["version"], &lawful[1]["version"]), (&json!(1), &json!(2)));
    assert_eq!(lawful[1]["completed_at"], lawful[1]["updated_at"]);
}

#[tokio::test]
async fn levels_are_judged_after_all_moves() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let mut levels = vec![ann.task(project, json!({})).await];
    for n in 0..4 {
        let under = ann.task(project, json!({"parent_id": levels[n]})).await;
        levels.push(under);
    }
    let upper = ann.task(project, json!({})).await;
    let lower = ann.task(project, json!({"parent_id": upper})).await;
    let single = ann.task(project, json!({})).await;
    let put = |sent: Vec<i64>, parent: i64| {
        ann.patch(path(project), json!({"ids": sent, "patch": {"parent_id": parent}})).into_future()
    };
    let answer = put(vec![single, upper], levels[3]).await.expect(400);
    assert_eq!(faults(&answer.json()), [("ids.1".to_owned(), "too_deep".to_owned())]);
    assert_eq!(version(&ann, single).await, 1);
    // Next to each other they have room.
    let items = put(vec![single, upper, lower], levels[3]).await.expect(200).items();
    assert!(items.iter().all(|item| item["parent_id"] == levels[3]), "{items:#?}");
    let answer = put(vec![single, levels[1], levels[0]], levels[2]).await.expect(400);
    let cycles = ["ids.1", "ids.2"].map(|field| (field.to_owned(), "cycle".to_owned()));
    assert_eq!(faults(&answer.json()), cycles);
}

#[tokio::test]
async fn each_changed_task_has_its_events() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    let statuses = ["todo", "in_progress"];
    let made = tasks(&ann, project, (0..20).map(|n| json!({"status": statuses[n % 2], "assignee_id": bob.id}))).await;
    let mut socket = bob.follow(0).await;
    socket.take(1..=20).await;
    update(&ann, project, &made, json!({"status": "in_progress", "title": "Mow"})).await.expect(200);
    let told = socket.take(21..=30).await;
    let changed: Vec<_> = told.iter().map(|told| told["data"]["task_id"].as_i64().unwrap()).collect();
    assert_eq!(changed, made.iter().copied().step_by(2).collect::<Vec<_>>());
    for message in told {
        let told = (&message["type"], &message["data"]["old"], &message["data"]["task"]);
        assert_eq!(told, (&json!("status_changed"), &json!("todo"), &json!("Mow")));
    }
    ann.patch(format!("/tasks/{}", made[0]), json!({"status": "todo"})).await.expect(200);
    assert_eq!(socket.next().await["data"]["new"], "todo");
}

#[tokio::test]
async fn bulk_beside_single_patches_loses_none() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let made = tasks(&ann, project, vec![json!({}); 40]).await;
    let reversed: Vec<_> = made.iter().rev().copied().collect();
    let singles = made.iter().map(|task| ann.patch(format!("/tasks/{task}"), json!({"title": format!("Task {task}")})));
    let bulks = [
        update(&ann, project, &made, json!({"priority": "high"})),
        update(&ann, project, &reversed, json!({"description": "Deep"})),
        update(&ann, project, &made, json!({"due": "2026-12-01"})),
    ];
    for answer in all(bulks.into_iter().chain(singles)).await {
        answer.expect(200);
    }
    for task in made {
        let after = shown(&ann, task).await;
        let fields = ["title", "priority", "description", "due", "version"].map(|name| after[name].clone());
        assert_eq!(json!(fields), json!([format!("Task {task}"), "high", "Deep", "2026-12-01", 5]));
    }
}
