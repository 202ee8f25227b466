//! A server that is killed between a change and its notifications.

use super::numbers::{come_right, tasks};
use fasttrack_tests::{Account, Answer, Installation, Team};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::task::JoinSet;

/// Concurrently changes each of these tasks and creates another one.
async fn changes(owner: &Account, team: &Team, moved: &[i64]) -> JoinSet<Option<Answer>> {
    let mut changes = JoinSet::new();
    for id in moved {
        let path = format!("/tasks/{id}");
        let there = owner.get(&path).await.expect(200).data()["status"] == "todo";
        let status = if there { "in_progress" } else { "todo" };
        changes.spawn(owner.patch(&path, json!({"status": status})).try_send());
    }
    let new = json!({"title": "Dig", "assignee_id": team.assignee.id});
    changes.spawn(owner.post(format!("/projects/{}/tasks", team.project), new).try_send());
    changes
}

/// Records the version in a response, if there is one.
fn note(answer: Option<Answer>, acknowledged: &mut BTreeMap<i64, i64>) -> bool {
    let Some(answer) = answer else { return false };
    assert!(matches!(answer.status, 200 | 201), "{answer:#?}");
    let task = answer.data();
    acknowledged.insert(task["id"].as_i64().unwrap(), task["version"].as_i64().unwrap());
    true
}

/// Checks the notifications of a task: its assignment, and its status changes in order.
#[track_caller]
fn tell_of(task: &Value, told: &[Value]) {
    assert_eq!(told[0]["type"], "task_assigned", "{task:#}: {told:#?}");
    let mut status = json!("todo");
    for message in &told[1..] {
        assert_eq!((&message["type"], &message["data"]["old"]), (&json!("status_changed"), &status), "{told:#?}");
        status = message["data"]["new"].clone();
    }
    assert_eq!((&task["status"], &task["version"]), (&status, &json!(told.len())), "{task:#}: {told:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_kills_lose_and_duplicate_no_notification() {
    let installation = Installation::new();
    let mut server = installation.start();
    let team = Team::new(&server).await;
    let mut moved = vec![team.task];
    for _ in 0..3 {
        moved.push(team.owner.task(team.project, json!({"assignee_id": team.assignee.id})).await);
    }
    let mut acknowledged = BTreeMap::new();
    for _ in 0..50 {
        let mut changes = changes(&team.owner.on(&server), &team, &moved).await;
        // Nobody knows what became of those that the kill overtakes.
        assert!(note(changes.join_next().await.unwrap().unwrap(), &mut acknowledged));
        server.kill();
        while let Some(answer) = changes.join_next().await {
            note(answer.unwrap(), &mut acknowledged);
        }
        server = installation.start();
    }

    let (owner, assignee) = (team.owner.on(&server), team.assignee.on(&server));
    let tasks: BTreeMap<_, _> =
        tasks(&owner, team.project).await.into_iter().map(|task| (task["id"].as_i64().unwrap(), task)).collect();
    for (id, version) in acknowledged {
        assert!(tasks[&id]["version"].as_i64().unwrap() >= version, "{:#}", tasks[&id]);
    }
    // Each version of each task is one notification.
    let last = tasks.values().map(|task| task["version"].as_i64().unwrap()).sum();
    let mut socket = assignee.follow(0).await;
    let mut told = BTreeMap::<_, Vec<Value>>::new();
    for message in socket.take(1..=last).await {
        told.entry(message["data"]["task_id"].as_i64().unwrap()).or_default().push(message);
    }
    assert!(told.keys().eq(tasks.keys()), "{told:#?}");
    for (id, task) in &tasks {
        tell_of(task, &told[id]);
    }
    come_right(&owner, team.project).await;
    // There is none more.
    owner.comment(team.task).await;
    assert_eq!(socket.take(last + 1..=last + 1).await[0]["type"], "comment_added");
}
