//! Access that ends, ends for requests, connections, lists and mail.

use super::Mailing;
use fasttrack_tests::{Account, Installation, Server, all, eventually};
use serde_json::{Value, json};

/// Returns the number of the newest notification, 0 without any.
async fn newest(account: &Account) -> i64 {
    let items = account.get("/notifications?limit=1").await.expect(200).items();
    items.first().map_or(0, |item| item["seq"].as_i64().unwrap())
}

/// Makes a member the assignee of `count` tasks of the project, and waits until it is notified of them.
async fn assigned(owner: &Account, member: &Account, project: i64, count: usize) -> Vec<String> {
    let before = newest(member).await;
    let mut tasks = Vec::new();
    for _ in 0..count {
        tasks.push(format!("/tasks/{}", owner.task(project, json!({"assignee_id": member.id})).await));
    }
    let expected = before + i64::try_from(count).unwrap();
    eventually("the member is notified", async || newest(member).await >= expected).await;
    tasks
}

/// Adds the account to another project, so that it gets a notification that it may get.
async fn sentinel(owner: &Account, account: &Account) -> i64 {
    let project = owner.project().await;
    owner.share(project, account, "viewer").await;
    project
}

#[tokio::test]
async fn former_member_is_refused_by_the_next_request() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "editor").await;
    let task = ann.task(project, json!({"assignee_id": bob.id})).await;
    let comment = ann.comment(task).await;
    ann.remove(project, &bob).await;
    for path in [
        format!("/projects/{project}"),
        format!("/projects/{project}/tasks"),
        format!("/projects/{project}/stats"),
        format!("/projects/{project}/members"),
        format!("/tasks/{task}"),
        format!("/tasks/{task}/comments"),
    ] {
        bob.get(path).await.refused(403, "forbidden");
    }
    bob.patch(format!("/tasks/{task}"), json!({"title": "Dig"})).await.refused(403, "forbidden");
    bob.post(format!("/tasks/{task}/comments"), json!({"body": "Deep"})).await.refused(403, "forbidden");
    bob.delete(format!("/comments/{comment}")).await.refused(403, "forbidden");
    for list in ["/projects", "/tasks"] {
        assert_eq!(bob.get(list).await.expect(200).ids(), [0; 0], "{list}");
    }
    assert_eq!(bob.get("/people").await.expect(200).ids(), [bob.id]);
}

#[tokio::test]
async fn events_committed_before_the_removal_notify_nobody_after_it() {
    let server = Server::shared();
    let (ann, bob, cleo) = (server.register().await, server.register().await, server.register().await);
    let mut sockets = Vec::new();
    for member in [&bob, &cleo] {
        sockets.push(member.follow(0).await);
    }
    let [bobs, cleos] = &mut sockets[..] else { unreachable!() };
    for _ in 0..10 {
        let project = ann.project().await;
        for member in [&bob, &cleo] {
            ann.share(project, member, "editor").await;
        }
        let tasks = assigned(&ann, &bob, project, 5).await;
        // Committed, and dispatched at any moment around the removal.
        let work = tasks.iter().flat_map(|task| {
            let comment = ann.post(format!("{task}/comments"), json!({"body": "Deep"}));
            [ann.patch(task, json!({"status": "in_progress"})), comment]
        });
        for answer in all(work).await {
            assert!(matches!(answer.status, 200 | 201), "{answer:#?}");
        }
        ann.remove(project, &bob).await;
        let last = newest(&bob).await;
        let next = sentinel(&ann, &bob).await;
        // Whatever else had been made would have a number before that of the sentinel.
        let told = loop {
            let told = bobs.next().await;
            if told["seq"].as_i64().unwrap() > last {
                break told;
            }
        };
        assert_eq!((&told["type"], &told["data"]["project_id"]), (&json!("project_shared"), &json!(next)), "{told:#}");
        // Sockets of others go on.
        assert_eq!(cleos.next().await["data"]["project_id"], project);
    }
}

#[tokio::test]
async fn notification_of_sharing_is_dropped_with_the_membership() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    for _ in 0..20 {
        let project = ann.project().await;
        ann.share(project, &bob, "viewer").await;
        ann.remove(project, &bob).await;
        let last = newest(&bob).await;
        let next = sentinel(&ann, &bob).await;
        eventually("the sentinel is there", async || {
            let items = bob.get("/notifications").await.expect(200).items();
            let later: Vec<_> = items.iter().filter(|item| item["seq"].as_i64().unwrap() > last).collect();
            assert!(later.iter().all(|item| item["data"]["project_id"] == next), "{later:#?}");
            later.len() == 1
        })
        .await;
    }
}

#[tokio::test]
async fn assignee_without_role_hears_until_reassignment() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    let tasks = assigned(&ann, &bob, project, 1).await;
    let mut socket = bob.follow(0).await;
    socket.take(1..=1).await;
    ann.patch(&tasks[0], json!({"status": "in_progress"})).await.expect(200);
    socket.take(2..=2).await;
    ann.patch(&tasks[0], json!({"status": "done", "assignee_id": null})).await.expect(200);
    ann.post(format!("{}/comments", tasks[0]), json!({"body": "Deep"})).await.expect(201);
    let next = sentinel(&ann, &bob).await;
    assert_eq!(socket.take(3..=3).await[0]["data"]["project_id"], next);
}

#[tokio::test]
async fn former_member_gets_no_mail() {
    let mailing = Mailing::start();
    let (ann, bob) = (mailing.server.register().await, mailing.server.register().await);
    let installation = mailing.server.installation().clone();
    let list = async || installation.command(["jobs", "list"]).run().await.succeeded();
    eventually("no mail waits", async || list().await.is_empty()).await;
    for round in 1..=3 {
        let project = ann.project().await;
        ann.share(project, &bob, "editor").await;
        mailing.mailbox.refuse(451);
        assigned(&ann, &bob, project, 3).await;
        // Or a mail that is being sent would arrive.
        eventually("each mail was refused", async || list().await.matches("451").count() == 3).await;
        ann.remove(project, &bob).await;
        mailing.mailbox.accept();
        // Another task, which is not in that project, is mailed.
        let another = ann.project().await;
        ann.task(another, json!({"title": format!("Weed {round}"), "assignee_id": bob.id})).await;
        hurry(&installation, async || mailing.mailbox.mails(&bob.email).len() >= round && list().await.is_empty())
            .await;
        let mails = mailing.mailbox.wait_for(&bob.email, round).await;
        assert!(mails[round - 1].subject().contains(&format!("Weed {round}")), "{mails:#?}");
    }
}

/// Moves waiting jobs into the past, again and again, until it's done.
async fn hurry(installation: &Installation, mut done: impl AsyncFnMut() -> bool) {
    let now = if installation.is_on_postgres() { "now()" } else { "unixepoch() * 1000000" };
    eventually("the mails are sent", async || {
        installation.sql(&format!("UPDATE jobs SET run_at = {now} WHERE worker IS NULL AND dead_at IS NULL"));
        done().await
    })
    .await;
}

#[tokio::test]
async fn deactivated_member_is_listed_and_assigned_nothing_new() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let project = ann.project().await;
    ann.share(project, &bob, "editor").await;
    let task = ann.task(project, json!({"assignee_id": bob.id})).await;
    admin.patch(format!("/users/{}", bob.id), json!({"is_active": false})).await.expect(200);
    let members = ann.get(format!("/projects/{project}/members")).await.expect(200).items();
    assert_eq!((members.len(), &members[1]["role"]), (2, &json!("editor")));
    let new = json!({"title": "Dig", "assignee_id": bob.id});
    ann.post(format!("/projects/{project}/tasks"), new).await.invalid_as("assignee_id", "unknown_user");
    ann.remove(project, &bob).await;
    let after = ann.get(format!("/tasks/{task}")).await.expect(200).data();
    assert_eq!((&after["assignee"], &after["version"]), (&Value::Null, &json!(2)));
}
