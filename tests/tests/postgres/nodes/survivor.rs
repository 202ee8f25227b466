//! A node that is killed under load loses no acknowledged write and no notification.

use super::two;
use fasttrack_tests::{Account, Socket, Team, eventually};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
};
use tokio::{select, sync::watch};

/// The number of committed status changes, and whether the writers are to stop.
#[derive(Default)]
struct Work {
    moves: AtomicUsize,
    is_over: AtomicBool,
}

/// Changes a task's status until the work is over or the node is gone.
async fn keep_moving(owner: Account, task: i64, work: Arc<Work>) {
    for n in 0.. {
        let status = if n % 2 == 0 { "in_progress" } else { "todo" };
        let Some(answer) = owner.patch(format!("/tasks/{task}"), json!({"status": status})).try_send().await else {
            return;
        };
        answer.expect(200);
        work.moves.fetch_add(1, Relaxed);
        if work.is_over.load(Relaxed) {
            return;
        }
    }
}

/// Receives notifications until all have come or the socket is closed.
async fn follow(mut socket: Socket, mut last: watch::Receiver<i64>) -> Vec<Value> {
    let mut told = Vec::<Value>::new();
    loop {
        let reached = i64::try_from(told.len()).unwrap();
        select! {
            _ = last.wait_for(|last| *last <= reached) => return told,
            message = socket.try_next() => match message {
                Some(message) => told.push(message),
                None => return told,
            },
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn surviving_node_delivers_every_event_once() {
    let [survivor, victim] = two();
    let team = Team::new(&survivor).await;
    let (last, reaches) = watch::channel(i64::MAX);
    let here = tokio::spawn(follow(team.assignee.follow(0).await, reaches.clone()));
    let there = tokio::spawn(follow(team.assignee.on(&victim).follow(0).await, reaches));

    let work = Arc::<Work>::default();
    let mut writers = Vec::new();
    for n in 0..8 {
        let task = team.owner.task(team.project, json!({"assignee_id": team.assignee.id})).await;
        let owner = team.owner.on(if n % 2 == 0 { &survivor } else { &victim });
        writers.push(tokio::spawn(keep_moving(owner, task, Arc::clone(&work))));
    }
    let moved = |count| {
        let work = &work;
        async move { eventually("tasks are moved", async || work.moves.load(Relaxed) >= count).await }
    };
    moved(300).await;
    victim.kill();
    let count = work.moves.load(Relaxed);
    moved(count + 100).await;
    work.is_over.store(true, Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }

    // Each version of each task is one notification.
    let tasks = team.owner.get(format!("/projects/{}/tasks", team.project)).await.expect(200).items();
    let versions: BTreeMap<_, _> =
        tasks.iter().map(|task| (task["id"].as_i64().unwrap(), task["version"].as_i64().unwrap())).collect();
    assert!(versions.values().sum::<i64>() >= i64::try_from(work.moves.load(Relaxed)).unwrap());
    last.send_replace(versions.values().sum());
    let (here, there) = (here.await.unwrap(), there.await.unwrap());
    let mut told = BTreeMap::new();
    for (seq, message) in (1..).zip(&here) {
        assert_eq!(message["seq"], seq, "{message:#}");
        *told.entry(message["data"]["task_id"].as_i64().unwrap()).or_insert(0) += 1;
    }
    assert_eq!(told, versions);
    assert_eq!(there, here[..there.len()], "what the killed node told is what stands");
    // There is none more.
    team.owner.comment(team.task).await;
    let next = i64::try_from(here.len()).unwrap() + 1;
    assert_eq!(team.assignee.follow(next - 1).await.take(next..=next).await[0]["type"], "comment_added");
}
