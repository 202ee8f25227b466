//! What a role means beside the table of the matrix.

use super::role;
use fasttrack_tests::Server;
use serde_json::json;

#[tokio::test]
async fn projects_are_listed_with_the_own_role() {
    let server = Server::start();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let own = bob.project().await;
    let mut shared = Vec::new();
    for role in ["editor", "commenter", "viewer"] {
        let project = ann.project().await;
        ann.share(project, &bob, role).await;
        shared.push(project);
    }
    let [edited, commented, viewed] = shared[..] else { unreachable!() };
    let others = ann.project().await;
    ann.share(commented, &admin, "editor").await;
    ann.patch(format!("/projects/{viewed}"), json!({"status": "archived"})).await.expect(200);
    for (reader, query, expected) in [
        (&bob, "", vec![(own, "owner"), (edited, "editor"), (commented, "commenter"), (viewed, "viewer")]),
        (&bob, "?role=owner", vec![(own, "owner")]),
        (&bob, "?role=editor", vec![(edited, "editor")]),
        (&bob, "?role=commenter", vec![(commented, "commenter")]),
        (&bob, "?role=viewer", vec![(viewed, "viewer")]),
        (&bob, "?role=viewer&status=active", vec![]),
        (&bob, "?status=archived", vec![(viewed, "viewer")]),
        (&bob, "?status=active&limit=100", vec![(own, "owner"), (edited, "editor"), (commented, "commenter")]),
        (&ann, "?role=editor", vec![]),
        (&ann, "?role=owner&status=archived", vec![(viewed, "owner")]),
        (
            &admin,
            "",
            vec![(own, "admin"), (edited, "admin"), (commented, "editor"), (viewed, "admin"), (others, "admin")],
        ),
        (&admin, "?role=editor", vec![(commented, "editor")]),
        (&admin, "?role=owner", vec![]),
    ] {
        let items = reader.get(format!("/projects{query}")).await.expect(200).items();
        let got: Vec<_> =
            items.iter().map(|item| (item["id"].as_i64().unwrap(), item["role"].as_str().unwrap())).collect();
        assert_eq!(got, expected, "{query}");
        for item in items {
            let single = reader.get(format!("/projects/{}", item["id"])).await.expect(200).data();
            assert_eq!(single, item);
        }
    }
}

#[tokio::test]
async fn pages_of_projects_follow_the_membership() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let mut expected = Vec::new();
    for n in 0..9 {
        let project = if n % 2 == 0 { ann.project().await } else { bob.project().await };
        if n % 2 == 0 {
            ann.share(project, &bob, "viewer").await;
        }
        expected.push(project);
        ann.project().await;
    }
    let (mut seen, mut query) = (Vec::new(), String::from("limit=2"));
    loop {
        let page = bob.get(format!("/projects?{query}")).await.expect(200);
        seen.extend(page.ids());
        let Some(cursor) = page.data()["next_cursor"].as_str().map(str::to_owned) else { break };
        query = format!("limit=2&cursor={cursor}");
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn role_is_no_part_of_a_version() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    let path = format!("/projects/{project}");
    ann.share(project, &bob, "viewer").await;
    ann.share(project, &bob, "editor").await;
    let seen = bob.get(&path).await.expect(200);
    assert_eq!((seen.etag(), &seen.data()["role"]), (r#""1""#, &json!("editor")));
    ann.remove(project, &bob).await;
    ann.get(&path).header("if-none-match", r#""1""#).await.expect(304);
}

#[tokio::test]
async fn changed_role_applies_to_the_next_request() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    let task = ann.task(project, json!({})).await;
    for (role, comments, changes) in
        [("viewer", 403, 403), ("commenter", 201, 403), ("editor", 201, 200), ("viewer", 403, 403)]
    {
        ann.share(project, &bob, role).await;
        bob.get(format!("/tasks/{task}")).await.expect(200);
        bob.post(format!("/tasks/{task}/comments"), json!({"body": "Deep"})).await.expect(comments);
        bob.patch(format!("/tasks/{task}"), json!({"description": role})).await.expect(changes);
    }
}

#[tokio::test]
async fn editor_assigns_to_anybody_which_shares_one_task() {
    let server = Server::shared();
    let (ann, bob, cleo) = (server.register().await, server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "editor").await;
    let (shared, other) =
        (bob.task(project, json!({"assignee_id": cleo.id})).await, bob.task(project, json!({})).await);
    let seen = cleo.get(format!("/tasks/{shared}")).await.expect(200).data();
    assert_eq!(seen["assignee"], cleo.person());
    cleo.patch(format!("/tasks/{shared}"), json!({"status": "in_progress"})).await.expect(200);
    cleo.comment(shared).await;
    for path in [format!("/tasks/{other}"), format!("/projects/{project}"), format!("/projects/{project}/members")] {
        cleo.get(path).await.refused(403, "forbidden");
    }
    assert_eq!(cleo.get("/projects").await.expect(200).ids(), [0; 0]);
    // The owner hears of the work, and the editor who gave it isn't told of what is the owner's.
    let told = ann.follow(0).await.next().await;
    assert_eq!((&told["type"], &told["data"]["task_id"]), (&json!("status_changed"), &json!(shared)));
    let of_editor = bob.get("/notifications").await.expect(200).items();
    assert!(of_editor.iter().all(|item| item["type"] == "project_shared"), "{of_editor:#?}");
}

#[tokio::test]
async fn archived_project_refuses_tasks_of_editors_too() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "editor").await;
    let task = bob.task(project, json!({})).await;
    let path = format!("/projects/{project}");
    bob.patch(&path, json!({"status": "archived"})).await.refused(403, "forbidden");
    ann.patch(&path, json!({"status": "archived"})).await.expect(200);
    bob.post(format!("{path}/tasks"), json!({"title": "Dig"})).await.refused(409, "conflict");
    bob.patch(format!("/tasks/{task}"), json!({"title": "Dig"})).await.expect(200);
    bob.comment(task).await;
    // Who may not is told so first.
    ann.share(project, &bob, "viewer").await;
    bob.post(format!("{path}/tasks"), json!({"title": "Dig"})).await.refused(403, "forbidden");
}

#[tokio::test]
async fn members_read_statistics() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    let path = format!("/projects/{project}/stats");
    bob.get(&path).await.refused(403, "forbidden");
    ann.share(project, &bob, "viewer").await;
    assert_eq!(bob.get(&path).await.expect(200).data()["project_id"], project);
    bob.remove(project, &bob).await;
    bob.get(&path).await.refused(403, "forbidden");
}

#[tokio::test]
async fn replayed_creation_needs_the_right_as_before() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "editor").await;
    let path = format!("/projects/{project}/tasks");
    let create = || bob.post(&path, json!({"title": "Dig"})).header("idempotency-key", "dig").into_future();
    let first = create().await.expect(201);
    let again = create().await.expect(201);
    assert_eq!((again.data(), again.header("idempotency-replayed")), (first.data(), Some("true")));
    ann.remove(project, &bob).await;
    create().await.refused(403, "forbidden");

    let create = || ann.post("/projects", json!({"name": "Yard"})).header("idempotency-key", "yard").into_future();
    let yard = create().await.expect(201);
    ann.share(yard.id(), &bob, "editor").await;
    ann.post(format!("/projects/{}/transfer", yard.id()), json!({"user_id": bob.id})).await.expect(200);
    assert_eq!(create().await.expect(201).data(), yard.data(), "as it was then");
    assert_eq!(role(&ann, yard.id()).await, "editor");
}

#[tokio::test]
async fn todos_of_the_inbox_stay_their_owners() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "editor").await;
    let task = bob.task(project, json!({"assignee_id": bob.id})).await;
    // A member's task is no todo, neither of the member nor of the owner.
    for account in [&ann, &bob] {
        let todos = format!("/api/{}/tasks", account.id);
        assert_eq!(account.get(&todos).await.expect(200).json(), json!([]));
        account.get(format!("{todos}/{task}")).await.problem(404, "not_found");
    }
}
