//! Reminders of a server that is killed.

use super::{after, shown, tasks};
use chrono::TimeDelta;
use fasttrack_tests::{Account, Installation, eventually};
use serde_json::json;
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// Returns the number of the newest notification, 0 without any.
async fn newest(account: &Account) -> i64 {
    let items = account.get("/notifications?limit=1").await.expect(200).items();
    items.first().map_or(0, |item| item["seq"].as_i64().unwrap())
}

#[tokio::test]
async fn reminder_that_passed_while_nothing_ran_is_given_at_start() {
    let installation = Installation::new();
    let server = installation.start();
    let ann = server.register().await;
    let project = ann.project().await;
    let now = shown(&ann, ann.task(project, json!({})).await).await;
    let instants = [1_500, 1_600].map(|delay| after(&now, TimeDelta::milliseconds(delay)));
    let task = ann.task(project, json!({"reminders": instants.to_vec()})).await;
    let done = ann.task(project, json!({"status": "done", "reminders": instants.to_vec()})).await;
    let begin = Instant::now();
    server.kill();
    eventually("the reminders have passed", async || begin.elapsed() > Duration::from_secs(2)).await;

    let server = installation.start();
    let ann = ann.on(&server);
    for told in ann.follow(0).await.take(1..=2).await {
        assert_eq!((&told["type"], &told["data"]["task_id"]), (&json!("task_reminder"), &json!(task)), "{told:#}");
    }
    let given = shown(&ann, task).await;
    assert_eq!((&given["reminders"], &given["version"]), (&json!([]), &json!(1)));
    server.kill();

    // Given once, and the done task gives nothing.
    let server = installation.start();
    let (ann, bob) = (ann.on(&server), server.register().await);
    ann.patch(format!("/tasks/{done}"), json!({"status": "in_progress", "assignee_id": bob.id})).await.expect(200);
    bob.comment(done).await;
    let told = ann.follow(2).await.next().await;
    assert_eq!((&told["seq"], &told["type"]), (&json!(3), &json!("comment_added")), "{told:#}");
}

#[tokio::test]
async fn kills_around_the_instants_give_each_reminder_once() {
    const TASKS: i64 = 120;
    let installation = Installation::new();
    let mut server = installation.start();
    let ann = server.register().await;
    let project = ann.project().await;
    let now = shown(&ann, ann.task(project, json!({})).await).await;
    let with_reminder = |n| json!({"reminders": [after(&now, TimeDelta::milliseconds(2_000 + n * 40))]});
    let made = tasks(&ann, project, (0..TASKS).map(with_reminder)).await;
    for round in 1..=6 {
        let account = ann.on(&server);
        eventually("more are given", async || newest(&account).await >= round * 15).await;
        server.kill();
        server = installation.start();
    }
    let ann = ann.on(&server);
    let mut socket = ann.follow(0).await;
    let mut reminded = BTreeSet::new();
    for told in socket.take(1..=TASKS).await {
        assert_eq!(told["type"], "task_reminder", "{told:#}");
        assert!(reminded.insert(told["data"]["task_id"].as_i64().unwrap()), "twice: {told:#}");
    }
    assert!(reminded.iter().eq(&made), "{reminded:?}");
    for task in made {
        let task = shown(&ann, task).await;
        assert_eq!((&task["reminders"], &task["version"]), (&json!([]), &json!(1)));
    }
    let bob = server.register().await;
    let shared = bob.project().await;
    bob.share(shared, &ann, "viewer").await;
    assert_eq!(socket.take(TASKS + 1..=TASKS + 1).await[0]["type"], "project_shared");
}
