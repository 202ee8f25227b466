//! Pages of the feed.

use super::{Follower, brief, follow, settle, visible::visible};
use fasttrack_tests::{Account, Server};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// An account with two projects, and a task of a third that is assigned to it.
async fn world(server: &Server) -> (Account, i64) {
    let (ann, bob) = (server.register().await, server.register().await);
    for _ in 0..2 {
        let project = ann.project().await;
        ann.share(project, &bob, "editor").await;
        for _ in 0..3 {
            let task = ann.task(project, json!({})).await;
            ann.comment(task).await;
        }
    }
    let task = bob.task(bob.project().await, json!({"assignee_id": ann.id})).await;
    bob.comment(task).await;
    settle(&ann).await;
    (ann, task)
}

/// Returns what a change is about.
fn subject(change: &Value) -> String {
    format!("{} {} {}", change["type"], change["id"], change["project_id"])
}

#[tokio::test]
async fn pages_of_any_size_have_everything_once() {
    let server = Server::shared();
    let (ann, task) = world(&server).await;
    let whole = Follower::with_limit(1000).catch_up(&ann).await;
    assert!(whole.iter().map(brief).any(|change| change == format!("put task {task}")));
    for limit in [1, 2, 5] {
        let mut follower = Follower::with_limit(limit);
        let changes = follower.catch_up(&ann).await;
        assert_eq!(changes, whole, "{limit}");
        assert_eq!(changes.iter().map(subject).collect::<BTreeSet<_>>().len(), changes.len());
        assert_eq!(follower.things, visible(&ann).await);
    }
}

#[tokio::test]
async fn changes_during_the_first_pages_come_after_them() {
    let server = Server::shared();
    let (ann, _) = world(&server).await;
    let projects = ann.get("/projects").await.expect(200).ids();
    for limit in [1, 3] {
        let mut follower = Follower::with_limit(limit);
        let mut step = 0_usize;
        loop {
            let (_, has_more) = follower.apply_page(ann.get(follower.path()).await);
            // Before and behind what was read.
            let tasks = ann.get(format!("/projects/{}/tasks", projects[step % 2])).await.expect(200).ids();
            match step {
                0..6 => {
                    ann.patch(format!("/tasks/{}", tasks[0]), json!({"title": step.to_string()})).await.expect(200);
                    ann.task(projects[step % 2], json!({})).await;
                }
                6 => {
                    ann.delete(format!("/tasks/{}", tasks.last().unwrap())).await.expect(204);
                }
                _ => {}
            }
            step += 1;
            if !has_more && step > 6 {
                break;
            }
        }
        settle(&ann).await;
        follower.catch_up(&ann).await;
        assert_eq!(follower.things, visible(&ann).await, "{limit}");
    }
}

#[tokio::test]
async fn gained_project_is_read_in_pages() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    for _ in 0..3 {
        let task = ann.task(project, json!({})).await;
        ann.comment(task).await;
    }
    settle(&bob).await;
    let mut follower = Follower::with_limit(2);
    follower.catch_up(&bob).await;
    ann.share(project, &bob, "viewer").await;
    settle(&ann).await;
    let (changes, has_more) = follower.apply_page(bob.get(follower.path()).await);
    assert_eq!((changes.len(), has_more), (2, true));
    // It is lost before everything has come.
    ann.remove(project, &bob).await;
    settle(&ann).await;
    follower.catch_up(&bob).await;
    assert_eq!(follower.things, visible(&bob).await);
    ann.share(project, &bob, "viewer").await;
    settle(&ann).await;
    follower.catch_up(&bob).await;
    assert_eq!(follower.things, visible(&bob).await);
}

#[tokio::test]
async fn thing_that_changed_often_comes_once() {
    let server = Server::shared();
    let ann = server.register().await;
    let task = ann.task(ann.project().await, json!({})).await;
    let mut follower = follow(&ann).await;
    for n in 0..5 {
        ann.patch(format!("/tasks/{task}"), json!({"title": format!("Change {n}")})).await.expect(200);
    }
    settle(&ann).await;
    let changes = follower.catch_up(&ann).await;
    let of_task: Vec<_> = changes.iter().filter(|change| change["type"] == "task").collect();
    assert_eq!(of_task.len(), 1, "{changes:#?}");
    assert_eq!(of_task[0]["data"]["title"], "Change 4");
}
