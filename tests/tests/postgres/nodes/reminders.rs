//! Reminders on two nodes.

use super::{on, two};
use chrono::{SecondsFormat, TimeDelta};
use fasttrack_tests::{Account, eventually, timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Creates tasks that have a reminder each, from two seconds on, and returns their ids.
async fn tasks_with_reminders(owner: &Account, project: i64, count: i64) -> BTreeSet<i64> {
    let made = owner.post(format!("/projects/{project}/tasks"), json!({"title": "Dig"})).await.expect(201).data();
    let instant = |n: i64| {
        let at = timestamp(&made["created_at"]) + TimeDelta::milliseconds(2_000 + n * 20);
        at.to_utc().to_rfc3339_opts(SecondsFormat::Micros, true)
    };
    let tasks: Vec<_> = (0..count).map(|n| json!({"title": "Mow", "reminders": [instant(n)]})).collect();
    let made = owner.post(format!("/projects/{project}/tasks/bulk"), json!({"tasks": tasks})).await.expect(201);
    made.ids().into_iter().collect()
}

/// Returns the number of the newest notification, 0 without any.
async fn newest(account: &Account) -> i64 {
    let items = account.get("/notifications?limit=1").await.expect(200).items();
    items.first().map_or(0, |item| item["seq"].as_i64().unwrap())
}

fn task(told: &Value) -> i64 {
    assert_eq!(told["type"], "task_reminder", "{told:#}");
    told["data"]["task_id"].as_i64().unwrap()
}

#[tokio::test]
async fn two_nodes_give_each_reminder_once() {
    let [here, there] = two();
    let ann = here.register().await;
    let there_too = on(&there, &ann).await;
    let project = ann.project().await;
    let (mut socket, mut beyond) = (ann.follow(0).await, there_too.follow(0).await);
    let tasks = tasks_with_reminders(&ann, project, 100).await;
    let told = socket.take(1..=100).await;
    assert_eq!(beyond.take(1..=100).await, told);
    assert_eq!(told.iter().map(task).collect::<BTreeSet<_>>(), tasks);
    let bob = there.register().await;
    let shared = bob.project().await;
    bob.share(shared, &ann, "viewer").await;
    assert_eq!(socket.next().await["type"], "project_shared");
}

#[tokio::test]
async fn survivor_gives_the_reminders_of_a_killed_node() {
    let [here, there] = two();
    let ann = there.register().await;
    let project = ann.project().await;
    let mut socket = ann.follow(0).await;
    let tasks = tasks_with_reminders(&ann, project, 60).await;
    eventually("some are given", async || newest(&ann).await >= 20).await;
    here.kill();
    let told = socket.take(1..=60).await;
    assert_eq!(told.iter().map(task).collect::<BTreeSet<_>>(), tasks);
    assert_eq!(newest(&ann).await, 60);
}
