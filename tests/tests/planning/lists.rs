//! Filters and orders of lists.

use super::{ids, label, move_task, tasks, walk};
use fasttrack_tests::{MISSING, Server};
use serde_json::json;

#[tokio::test]
async fn each_filter_selects_its_tasks() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let (project, another) = (ann.project().await, ann.project().await);
    let (urgent, soon) = (label(&ann, project, "Urgent").await, label(&ann, project, "Soon").await);
    let foreign = label(&ann, another, "Urgent").await;
    let parent = ann.task(project, json!({"title": "Paint the fence", "labels": [urgent]})).await;
    let made = tasks(
        &ann,
        project,
        [
            json!({"title": "Buy paint", "parent_id": parent, "labels": [urgent, soon], "due": "2026-12-01"}),
            json!({"title": "Sand it", "status": "in_progress", "assignee_id": bob.id, "due": "2026-12-02T08:00:00Z"}),
            json!({"title": "Mow", "status": "done", "priority": "high", "labels": [soon], "assignee_id": ann.id}),
            json!({"title": "Rake", "priority": "low", "parent_id": parent, "description": "Behind the fence"}),
        ],
    )
    .await;
    let [buy, sand, mow, rake] = made[..] else { unreachable!() };
    tasks(&ann, another, [json!({"labels": [foreign], "assignee_id": bob.id, "status": "done"})]).await;
    let list = format!("/projects/{project}/tasks");
    for (query, expected) in [
        (String::new(), vec![parent, buy, sand, mow, rake]),
        ("status=todo".to_owned(), vec![parent, buy, rake]),
        ("priority=medium".to_owned(), vec![parent, buy, sand]),
        ("completed=true".to_owned(), vec![mow]),
        ("completed=false".to_owned(), vec![parent, buy, sand, rake]),
        ("completed=true&status=todo".to_owned(), vec![]),
        ("assignee_id=none".to_owned(), vec![parent, buy, rake]),
        (format!("assignee_id={}", bob.id), vec![sand]),
        (format!("assignee_id={MISSING}"), vec![]),
        (format!("label={urgent}"), vec![parent, buy]),
        (format!("label={urgent}&label={soon}"), vec![buy]),
        (format!("label={soon}&label={urgent}&label={soon}"), vec![buy]),
        (format!("label={soon}&completed=true"), vec![mow]),
        (format!("label={foreign}"), vec![]),
        (format!("label={urgent}&label={MISSING}"), vec![]),
        ((1..=1_100).map(|n| format!("label={}", MISSING - n)).collect::<Vec<_>>().join("&"), vec![]),
        ("parent_id=none".to_owned(), vec![parent, sand, mow]),
        (format!("parent_id={parent}"), vec![buy, rake]),
        (format!("parent_id={MISSING}"), vec![]),
        ("due_from=2026-12-01".to_owned(), vec![buy, sand]),
        ("due_from=2026-12-02&due_until=2026-12-02".to_owned(), vec![sand]),
        ("due_until=2026-12-01T23:59:59.999999Z".to_owned(), vec![buy]),
        ("updated_since=2026-01-01".to_owned(), vec![parent, buy, sand, mow, rake]),
        ("updated_since=9999-12-31".to_owned(), vec![]),
        ("q=fence".to_owned(), vec![parent, rake]),
        ("q=PAINT".to_owned(), vec![parent, buy]),
        ("q=pai+fen".to_owned(), vec![parent]),
        (format!("q=paint&label={soon}&due_until=2026-12-31&parent_id={parent}"), vec![buy]),
        ("q=fence&sort=-id&priority=low".to_owned(), vec![rake]),
    ] {
        assert_eq!(ids(&walk(&ann, &list, &format!("{query}&limit=2")).await), expected, "{query}");
    }
    let items = ann.get(format!("{list}?label={soon}&sort=-id")).await.expect(200).items();
    for (item, task) in items.iter().zip([mow, buy]) {
        assert_eq!(*item, ann.get(format!("/tasks/{task}")).await.expect(200).data());
    }
}

#[tokio::test]
async fn updated_since_is_inclusive() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let mut made = tasks(&ann, project, vec![json!({}); 3]).await;
    let mut changed = Vec::new();
    for (n, task) in made.iter().enumerate() {
        let patch = json!({"title": format!("Task {n}")});
        changed.push(ann.patch(format!("/tasks/{task}"), patch).await.expect(200).data());
    }
    let list = format!("/projects/{project}/tasks");
    let since = changed[1]["updated_at"].as_str().unwrap();
    let found = ann.get(format!("{list}?updated_since={since}&sort=updated_at")).await.expect(200);
    assert_eq!(found.items(), changed[1..]);
    let latest = ann.get(format!("{list}?sort=-updated_at&limit=1")).await.expect(200);
    assert_eq!(latest.items(), changed[2..]);
    ann.patch(format!("/tasks/{}", made[0]), json!({"title": "Mow"})).await.expect(200);
    made.rotate_left(1);
    assert_eq!(ids(&walk(&ann, &list, "sort=updated_at&limit=1").await), made);
}

#[tokio::test]
async fn ties_ascend_by_id_in_both_directions() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let fields = [("low", "2026-12-02"), ("high", "2026-12-01"), ("medium", ""), ("high", "2026-12-02"), ("low", "")];
    let task = |(priority, due): (&str, &str)| match due {
        "" => json!({"priority": priority}),
        due => json!({"priority": priority, "due": due}),
    };
    let made = tasks(&ann, project, fields.map(task)).await;
    let [one, two, three, four, five] = made[..] else { unreachable!() };
    move_task(&ann, five, json!({"after": one})).await.expect(200);
    let list = format!("/projects/{project}/tasks");
    for (sort, expected) in [
        ("id", [one, two, three, four, five]),
        ("-id", [five, four, three, two, one]),
        ("position", [one, five, two, three, four]),
        ("-position", [four, three, two, five, one]),
        ("priority", [one, five, three, two, four]),
        ("-priority", [two, four, three, one, five]),
        ("due", [two, one, four, three, five]),
        ("-due", [one, four, two, three, five]),
    ] {
        for limit in [1, 2, 3, 100] {
            let found = ids(&walk(&ann, &list, &format!("sort={sort}&limit={limit}")).await);
            assert_eq!(found, expected, "{sort} {limit}");
        }
    }
}

#[tokio::test]
async fn every_wrong_parameter_is_named_at_once() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let long = "x".repeat(201);
    for list in [format!("/projects/{project}/tasks"), "/tasks".to_owned(), "/tasks?scope=visible".to_owned()] {
        let begin = if list.contains('?') { '&' } else { '?' };
        for (query, field) in [
            ("completed=1", "query.completed"),
            ("completed=", "query.completed"),
            ("assignee_id=None", "query.assignee_id"),
            ("assignee_id=0x1", "query.assignee_id"),
            ("label=none", "query.label"),
            ("label=1&label=x&label=2", "query.label"),
            ("parent_id=", "query.parent_id"),
            ("due_from=none", "query.due_from"),
            ("due_from=2026-12-01T00:00:00", "query.due_from"),
            ("due_until=10000-01-01", "query.due_until"),
            ("updated_since=yesterday", "query.updated_since"),
            ("sort=Due", "query.sort"),
            ("sort=+due", "query.sort"),
            ("sort=-", "query.sort"),
            ("sort=due,id", "query.sort"),
            ("sort=created_at", "query.sort"),
            ("q=%20", "query.q"),
            ("q=%F0%9F%91%8D", "query.q"),
            ("q=a%00", "query.q"),
            (&*format!("q={long}"), "query.q"),
        ] {
            ann.get(format!("{list}{begin}{query}")).await.invalid(&[field]);
        }
        let all =
            format!("{list}{begin}completed=x&label=x&parent_id=x&due_from=x&due_until=x&updated_since=x&sort=x&q=-");
        let names = ["completed", "label", "parent_id", "due_from", "due_until", "updated_since", "sort", "q"];
        let fields = names.map(|name| format!("query.{name}"));
        ann.get(all).await.invalid(&fields.each_ref().map(String::as_str));
        ann.get(format!("{list}{begin}unknown=x&Sort=x&labels=x")).await.expect(200);
        ann.get(format!("{list}{begin}q={}", &long[1..])).await.expect(200);
    }
    ann.get("/tasks?scope=all").await.invalid(&["query.scope"]);
    ann.get("/tasks?scope=").await.invalid(&["query.scope"]);
}
