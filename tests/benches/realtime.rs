//! What realtime costs: the way of a notification, fan-out, and an idle socket. Prints one line a figure.
//!
//! `cargo bench -p fasttrack-tests --bench realtime`

#![expect(clippy::unwrap_used, clippy::cast_precision_loss, reason = "it may fail, and figures are rounded")]

use fasttrack_tests::{Account, Installation, Server, Socket};
use futures_util::{StreamExt, stream};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::{task::JoinSet, time::timeout};

const CHANGES: usize = 2_000;
const SOCKETS: usize = 5_000;
const WRITERS: usize = 8;

#[tokio::main]
async fn main() {
    let server = Installation::new()
        .with("WS_CONNECTIONS_PER_USER", "10000")
        .with("RUST_LOG", "warn,fasttrack_api_actix=info")
        .start();
    latency(&server).await;
    for sockets in [0, 1, 20, 200] {
        fan_out(&server, sockets).await;
    }
    memory(&server).await;
}

/// Somebody's project, and an assignee who moves one of its tasks.
async fn garden(server: &Server) -> (Account, Account, i64) {
    let (owner, worker) = (server.register().await, server.register().await);
    let project = owner.project().await;
    let task = owner.task(project, json!({"assignee_id": worker.id})).await;
    (owner, worker, task)
}

async fn change(worker: &Account, task: i64, n: usize) {
    let status = if n.is_multiple_of(2) { "in_progress" } else { "todo" };
    worker.patch(format!("/tasks/{task}"), json!({"status": status})).await.expect(200);
}

async fn latency(server: &Server) {
    let (owner, worker, task) = garden(server).await;
    let mut floor = Vec::new();
    for _ in 0..CHANGES {
        let begin = Instant::now();
        owner.get("/health/live").await.expect(200);
        floor.push(begin.elapsed());
    }
    let mut socket = owner.follow(0).await;
    let reader = tokio::spawn(async move {
        let mut arrived = Vec::new();
        for _ in 0..CHANGES {
            socket.next().await;
            arrived.push(Instant::now());
        }
        arrived
    });
    let mut answered = Vec::new();
    let mut requests = Vec::new();
    for n in 0..CHANGES {
        let begin = Instant::now();
        change(&worker, task, n).await;
        answered.push(Instant::now());
        requests.push(begin.elapsed());
    }
    let arrived = timeout(Duration::from_mins(1), reader).await.unwrap().unwrap();
    let ways = arrived.iter().zip(&answered).map(|(arrived, answered)| arrived.saturating_duration_since(*answered));
    print("GET /health/live, the floor", floor);
    print("PATCH /tasks/{id}", requests);
    print("from its answer to the message on the socket", ways.collect());
}

/// Several workers change tasks of one owner, who has `sockets` open.
async fn fan_out(server: &Server, sockets: usize) {
    let owner = server.register().await;
    let project = owner.project().await;
    let mut gardens = Vec::new();
    for _ in 0..WRITERS {
        let worker = server.register().await;
        let task = owner.task(project, json!({"assignee_id": worker.id})).await;
        gardens.push((worker, task));
    }
    let mut readers = JoinSet::new();
    for _ in 0..sockets {
        let mut socket = owner.follow(0).await;
        readers.spawn(async move {
            for _ in 0..CHANGES {
                socket.next().await;
            }
        });
    }
    let begin = Instant::now();
    let mut writers = JoinSet::new();
    for (worker, task) in gardens {
        writers.spawn(async move {
            for n in 0..CHANGES / WRITERS {
                change(&worker, task, n).await;
            }
        });
    }
    writers.join_all().await;
    let changed = begin.elapsed();
    readers.join_all().await;
    let all = begin.elapsed();
    println!(
        "{sockets} sockets: {:.0} changes/s, {:.0} messages/s",
        CHANGES as f64 / changed.as_secs_f64(),
        (sockets * CHANGES) as f64 / all.as_secs_f64(),
    );
}

async fn memory(server: &Server) {
    let account = server.register().await;
    // What the first ones set up stays.
    let warm: Vec<Socket> = open(&account, 100).await;
    let before = server.memory();
    let sockets = open(&account, SOCKETS).await;
    let more = server.memory().saturating_sub(before);
    println!(
        "{SOCKETS} idle sockets: {:.1} MiB more, {:.1} KiB each",
        more as f64 / f64::from(1 << 20),
        more as f64 / SOCKETS as f64 / 1024.0
    );
    drop((warm, sockets));
}

async fn open(account: &Account, sockets: usize) -> Vec<Socket> {
    stream::iter(0..sockets).map(|_| account.follow(0)).buffer_unordered(32).collect().await
}

fn print(what: &str, mut durations: Vec<Duration>) {
    durations.sort_unstable();
    let at = |share: f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
        let index = ((durations.len() - 1) as f64 * share) as usize;
        durations[index].as_secs_f64() * 1000.0
    };
    println!("{what}: p50 {:.2} ms, p99 {:.2} ms", at(0.5), at(0.99));
}
