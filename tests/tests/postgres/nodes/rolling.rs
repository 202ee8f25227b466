//! Rolling restart of nodes behind the shipped nginx configuration.

use super::nginx::{Nginx, free_port};
use fasttrack_tests::{Account, Client, Installation, Server, eventually};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
};
use tokio::{sync::watch, task::JoinSet};

/// `SHUTDOWN_DELAY_SECONDS`, which is more than nginx keeps an idle connection (2 s).
const DELAY: &str = "3";

/// The number of requests that were served, and whether the load is to stop.
#[derive(Default)]
struct Load {
    requests: AtomicUsize,
    is_over: AtomicBool,
}

/// Creates, changes and reads assigned tasks, every other one with an idempotency key. Returns the titles by id.
async fn work(owner: Account, project: i64, assignee: i64, writer: usize, load: Arc<Load>) -> BTreeMap<i64, String> {
    let mut created = BTreeMap::new();
    for n in 0.. {
        let title = format!("{writer}/{n}");
        let path = format!("/projects/{project}/tasks");
        let mut post = owner.post(path, json!({"title": title, "assignee_id": assignee}));
        if n % 2 == 0 {
            post = post.header("idempotency-key", &title);
        }
        let id = post.await.expect(201).id();
        assert_eq!(created.insert(id, title), None);
        owner.patch(format!("/tasks/{id}"), json!({"priority": "high"})).await.expect(200);
        owner.get(format!("/tasks/{id}")).await.expect(200);
        load.requests.fetch_add(3, Relaxed);
        if load.is_over.load(Relaxed) {
            break;
        }
    }
    created
}

/// Receives notifications over as many sockets as it takes, until `last` are there. Returns them and the number of
/// sockets.
async fn follow(user: Account, mut last: watch::Receiver<usize>) -> (Vec<Value>, usize) {
    let mut told = Vec::<Value>::new();
    for sockets in 1.. {
        let mut socket = user.follow(i64::try_from(told.len()).unwrap()).await;
        loop {
            let reached = told.len();
            tokio::select! {
                _ = last.wait_for(|last| *last <= reached) => return (told, sockets),
                message = socket.try_next() => match message {
                    Some(message) => told.push(message),
                    None => break,
                },
            }
        }
    }
    unreachable!()
}

/// Restarts a node after an orderly shutdown.
async fn restart(mut node: Server) -> Server {
    node.terminate();
    assert_eq!(node.ended().await.code(), Some(0));
    let installation = node.installation().clone();
    let node = tokio::task::spawn_blocking(move || installation.start()).await.unwrap();
    node.anonymous().get("/health/ready").await.expect(200);
    node
}

#[tokio::test(flavor = "multi_thread")]
async fn rolling_restart_behind_nginx_loses_and_repeats_nothing() {
    let installation = Installation::new().with("SHUTDOWN_DELAY_SECONDS", DELAY).with("TRUSTED_PROXIES", "127.0.0.1");
    let start = || installation.clone().with("PORT", free_port().to_string()).start();
    let (first, second) = (start(), start());
    let Some(nginx) = Nginx::start([&first, &second]).await else { return };

    let through_nginx = async |account: &Account| {
        let tokens = json!({"access_token": account.access_token, "refresh_token": account.refresh_token});
        Account::from_tokens(&Client::new(nginx.url()), &tokens).await
    };
    let (owner, assignee) = (first.register().await, first.register().await);
    let project = owner.project().await;
    let (last, reaches) = watch::channel(usize::MAX);
    let follower = tokio::spawn(follow(through_nginx(&assignee).await, reaches));
    let load = Arc::<Load>::default();
    let mut workers = JoinSet::new();
    for writer in 0..12 {
        workers.spawn(work(through_nginx(&owner).await, project, assignee.id, writer, Arc::clone(&load)));
    }
    let more = |count| {
        let (load, enough) = (&load, load.requests.load(Relaxed) + count);
        async move { eventually("requests are answered", async || load.requests.load(Relaxed) >= enough).await }
    };
    more(100).await;
    let first = restart(first).await;
    more(100).await;
    let second = restart(second).await;
    more(100).await;
    load.is_over.store(true, Relaxed);
    let created: BTreeMap<_, _> = workers.join_all().await.into_iter().flatten().collect();
    println!("{} requests, {} tasks", load.requests.load(Relaxed), created.len());

    let mut stored = BTreeMap::new();
    let mut query = String::from("?limit=100");
    loop {
        let page = owner.on(&first).get(format!("/projects/{project}/tasks{query}")).await.expect(200).data();
        for task in page["items"].as_array().unwrap() {
            stored.insert(task["id"].as_i64().unwrap(), task["title"].as_str().unwrap().to_owned());
        }
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("?limit=100&cursor={cursor}");
    }
    assert_eq!(stored, created);

    // Each task is told once, in one sequence, over the restarts.
    last.send_replace(created.len());
    let (told, sockets) = follower.await.unwrap();
    assert!((2..=3).contains(&sockets), "{sockets}");
    let mut of_tasks: Vec<_> = told.iter().map(|message| message["data"]["task_id"].as_i64().unwrap()).collect();
    assert!(told.iter().zip(1..).all(|(message, seq)| message["seq"] == seq));
    of_tasks.sort_unstable();
    assert!(of_tasks.iter().eq(created.keys()));
    // Each node did its part of it.
    for node in [&first, &second] {
        assert!(nginx.log().matches(&format!(":{} ", node.port())).count() > 100);
    }
    assert!(!nginx.log().contains(" 502 ") && !nginx.log().contains(" 504 "));
}
