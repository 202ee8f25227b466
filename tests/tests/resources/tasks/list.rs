use fasttrack_tests::{Account, MISSING, Server};
use serde_json::json;

/// Creates tasks of `ann`: in one project one without assignee and two of `bob`, and one of `bob` in another project.
async fn tasks(ann: &Account, bob: &Account) -> (String, [i64; 4]) {
    let (project, another) = (ann.project().await, ann.project().await);
    let first = ann.task(project, json!({"priority": "low"})).await;
    let second = ann.task(project, json!({"priority": "high", "assignee_id": bob.id})).await;
    let third = json!({"priority": "high", "status": "done", "assignee_id": bob.id});
    let third = ann.task(project, third).await;
    let fourth = ann.task(another, json!({"status": "in_progress", "assignee_id": bob.id})).await;
    (format!("/projects/{project}/tasks"), [first, second, third, fourth])
}

#[tokio::test]
async fn tasks_filter_by_status_priority_and_assignee() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let (path, [first, second, third, _]) = tasks(&ann, &bob).await;
    let of_bob = format!("assignee_id={}", bob.id);
    for (query, expected) in [
        ("", vec![first, second, third]),
        ("status=todo", vec![first, second]),
        ("status=done", vec![third]),
        ("status=in_progress", vec![]),
        ("priority=high", vec![second, third]),
        ("priority=medium", vec![]),
        (&of_bob, vec![second, third]),
        (&format!("{of_bob}&status=todo&priority=high"), vec![second]),
        (&format!("assignee_id={MISSING}"), vec![]),
        ("unknown=x", vec![first, second, third]),
    ] {
        let page = ann.get(format!("{path}?{query}")).await.expect(200);
        assert_eq!(page.ids(), expected, "{query}");
    }
    let task = ann.get(format!("/tasks/{first}")).await.expect(200).data();
    assert_eq!(ann.get(path).await.expect(200).items()[0], task);
}

#[tokio::test]
async fn users_list_tasks_assigned_to_them() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let (_, [_, second, third, fourth]) = tasks(&ann, &bob).await;
    for (query, expected) in [
        ("", vec![second, third, fourth]),
        ("status=in_progress", vec![fourth]),
        ("priority=high", vec![second, third]),
        ("priority=high&status=done", vec![third]),
        (&format!("assignee_id={}", bob.id), vec![second, third, fourth]),
        (&format!("assignee_id={}", ann.id), vec![]),
        (&format!("assignee_id={MISSING}"), vec![]),
    ] {
        let page = bob.get(format!("/tasks?{query}")).await.expect(200);
        assert_eq!(page.ids(), expected, "{query}");
    }
    for account in [ann, admin] {
        assert_eq!(account.get("/tasks").await.expect(200).ids(), [0; 0]);
    }
}

#[tokio::test]
async fn invalid_task_filter_is_named() {
    let server = Server::shared();
    let ann = server.register().await;
    for path in ["/tasks".to_owned(), format!("/projects/{}/tasks", ann.project().await)] {
        for (query, field) in [
            ("status=blocked", "query.status"),
            ("status=", "query.status"),
            ("priority=urgent", "query.priority"),
            ("assignee_id=ann", "query.assignee_id"),
            ("assignee_id=", "query.assignee_id"),
            ("assignee_id=9223372036854775808", "query.assignee_id"),
            ("completed=yes", "query.completed"),
            ("label=x", "query.label"),
            ("label=1&label=", "query.label"),
            ("parent_id=top", "query.parent_id"),
            ("due_from=soon", "query.due_from"),
            ("due_until=2026-02-30", "query.due_until"),
            ("updated_since=1969-12-31", "query.updated_since"),
            ("sort=title", "query.sort"),
            ("sort=--due", "query.sort"),
            ("sort=", "query.sort"),
            ("q=", "query.q"),
            ("q=-%20!", "query.q"),
            ("limit=-1", "query.limit"),
        ] {
            ann.get(format!("{path}?{query}")).await.invalid(&[field]);
        }
        let all = ann.get(format!("{path}?status=x&priority=x&assignee_id=x&limit=x")).await;
        all.invalid(&["query.status", "query.priority", "query.assignee_id", "query.limit"]);
    }
}
