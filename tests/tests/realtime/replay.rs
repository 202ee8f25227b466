//! Replay: every notification arrives once and in order.

use fastrand::Rng;
use fasttrack_tests::{Account, Installation, Server, Team, all};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[tokio::test]
async fn since_replays_later_notifications_then_goes_live() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    team.toggle(9).await;
    let mut sockets = Vec::new();
    for since in [0, 4, 9] {
        let mut socket = team.assignee.follow(since).await;
        socket.take(since + 1..=10).await;
        sockets.push(socket);
    }
    team.toggle(3).await;
    for socket in &mut sockets {
        socket.take(11..=13).await;
    }
}

#[tokio::test]
async fn without_since_only_new_notifications_are_sent() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    team.toggle(4).await;
    team.assignee.follow(0).await.take(1..=5).await;
    let mut socket = team.assignee.socket("").open().await;
    team.toggle(2).await;
    socket.take(6..=7).await;
}

#[tokio::test]
async fn since_beyond_latest_hides_no_new_notification() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    team.assignee.follow(0).await.take(1..=1).await;
    let mut sockets = [team.assignee.follow(2).await, team.assignee.follow(i64::MAX).await];
    team.toggle(2).await;
    for socket in &mut sockets {
        socket.take(2..=3).await;
    }
}

#[tokio::test]
async fn every_socket_of_only_that_user_gets_notifications() {
    let server = Server::shared();
    let (team, other) = (Team::new(&server).await, Team::new(&server).await);
    let mut sockets = Vec::new();
    for _ in 0..10 {
        sockets.push(team.assignee.follow(0).await);
    }
    let mut stranger = other.assignee.follow(1).await;
    team.toggle(20).await;
    for socket in &mut sockets {
        socket.take(1..=21).await;
    }
    other.toggle(1).await;
    assert_eq!(stranger.take(2..=2).await[0]["data"]["task_id"], other.task);
}

#[tokio::test]
async fn socket_resumes_on_restarted_server() {
    let installation = Installation::new();
    let server = installation.start();
    let team = Team::new(&server).await;
    team.toggle(4).await;
    team.assignee.follow(0).await.take(1..=3).await;
    assert_eq!(server.stop().await.code(), Some(0));

    let server = installation.start();
    let [owner, assignee] = [&team.owner, &team.assignee].map(|account| account.on(&server));
    let mut socket = assignee.socket("?since=3").open().await;
    socket.take(4..=5).await;
    owner.patch(team.path(), json!({"status": "in_progress"})).await.expect(200);
    socket.take(6..=6).await;
}

/// Receives notifications up to number `last`, over sockets that are cut off at random in different ways.
async fn read_with_interruptions(account: Account, last: i64, mut rng: Rng) -> Vec<Value> {
    let mut read = Vec::<Value>::new();
    while read.len() < usize::try_from(last).unwrap() {
        let since = read.last().map_or(0, |last| last["seq"].as_i64().unwrap());
        let mut socket = account.follow(since).await;
        for _ in 0..rng.usize(0..40).min(usize::try_from(last - since).unwrap()) {
            read.push(socket.next().await);
        }
        // Else the connection is torn down with whatever is under way.
        if rng.bool() {
            socket.close().await;
        }
    }
    read
}

#[tokio::test(flavor = "multi_thread")]
async fn random_disconnects_lose_and_reorder_no_notification() {
    const TASKS: usize = 9;
    const CHANGES: usize = 111;
    // Together with that of the team.
    const LAST: i64 = 1000;
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut rng = Rng::with_seed(seed);
    let server = Server::shared();
    let team = Team::new(&server).await;
    let mut tasks = Vec::new();
    for _ in 0..TASKS {
        tasks.push(team.owner.task(team.project, json!({})).await);
    }
    let readers: Vec<_> =
        (0..4).map(|_| tokio::spawn(read_with_interruptions(team.assignee.clone(), LAST, rng.fork()))).collect();
    // Each task is moved by one writer, all at once.
    let (owner, assignee) = (team.owner.clone(), team.assignee.id);
    all(tasks.iter().map(|task| {
        let (owner, path) = (owner.clone(), format!("/tasks/{task}"));
        Box::pin(async move {
            owner.patch(&path, json!({"assignee_id": assignee})).await.expect(200);
            for n in 1..CHANGES {
                let status = if n % 2 == 1 { "in_progress" } else { "todo" };
                owner.patch(&path, json!({"status": status})).await.expect(200);
            }
        })
    }))
    .await;
    for reader in readers {
        let read = reader.await.unwrap();
        let seqs: Vec<_> = read.iter().map(|message| message["seq"].as_i64().unwrap()).collect();
        assert!(seqs.iter().copied().eq(1..=LAST), "{seqs:?}");
        // Of each task, one change after the other.
        let mut last = BTreeMap::new();
        for message in &read {
            let (task, new) = (message["data"]["task_id"].as_i64().unwrap(), message["data"]["new"].clone());
            if message["type"] == "status_changed" {
                let before = last.insert(task, new).unwrap_or_else(|| "todo".into());
                assert_eq!(message["data"]["old"], before, "{message:#}");
            }
        }
    }
}
