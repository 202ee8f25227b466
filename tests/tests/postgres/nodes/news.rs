//! Notifications across nodes.

use super::two;
use crate::relay::Relay;
use fasttrack_tests::{Account, Installation, SOON, Server, Team, all, eventually};
use reqwest::Method;
use serde_json::json;
use std::time::Instant;
use tokio::task::spawn_blocking;

async fn ticket(account: &Account) -> String {
    let ticket = account.request(Method::POST, "/ws/ticket").await.expect(201).data();
    ticket["ticket"].as_str().unwrap().to_owned()
}

/// Changes tasks of a team concurrently on each node, so that the assignee gets notifications.
async fn busy(nodes: &[Server; 2], team: &Team, tasks: usize, times: usize) {
    let writers = (0..2 * tasks).map(|n| {
        let (owner, assignee, project) = (team.owner.on(&nodes[n % 2]), team.assignee.id, team.project);
        Box::pin(async move {
            let path = format!("/tasks/{}", owner.task(project, json!({"assignee_id": assignee})).await);
            for n in 1..times {
                let status = if n % 2 == 1 { "in_progress" } else { "todo" };
                owner.patch(&path, json!({"status": status})).await.expect(200);
            }
        })
    });
    all(writers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_reach_every_node_once_and_in_order() {
    let nodes = two();
    let team = Team::new(&nodes[0]).await;
    let [here, there] = [&nodes[0], &nodes[1]].map(|node| team.assignee.on(node));
    let mut sockets = [here.follow(0).await, there.follow(0).await, there.follow(0).await];
    let mut stream = there.get("/events?since=0").stream().await;
    busy(&nodes, &team, 4, 25).await;
    for socket in &mut sockets {
        socket.take(1..=201).await;
    }
    for seq in 1..=201 {
        assert_eq!(stream.next().await["seq"], seq);
    }
    // What one shows, the other shows.
    let [here, there] = [here, there].map(|account| account.get("/notifications?limit=100"));
    assert_eq!(here.await.expect(200).data(), there.await.expect(200).data());
}

#[tokio::test]
async fn read_marks_apply_on_every_node() {
    let nodes = two();
    let team = Team::new(&nodes[0]).await;
    let there = team.assignee.on(&nodes[1]);
    team.assignee.follow(0).await.take(1..=1).await;
    there.post("/notifications/read", json!({"up_to": 1})).await.expect(200);
    let unread = team.assignee.get("/notifications?unread=true").await.expect(200);
    assert_eq!(unread.items(), [] as [serde_json::Value; 0]);
}

#[tokio::test]
async fn ticket_is_valid_once_on_any_node() {
    let nodes = two();
    let team = Team::new(&nodes[0]).await;
    let redeem = |node: usize, ticket: &str| nodes[node].anonymous().socket(&format!("?since=0&ticket={ticket}"));
    for _ in 0..5 {
        let ticket = ticket(&team.assignee).await;
        let answers = all((0..20).map(|n| redeem(n % 2, &ticket))).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 101);
        assert_eq!((won.len(), lost.len()), (1, 19));
        for answer in lost {
            answer.refused(401, "token_invalid");
        }
    }
    redeem(1, &ticket(&team.assignee).await).open().await.take(1..=1).await;
}

#[tokio::test]
async fn events_of_killed_node_are_delivered_by_the_other() {
    let installation = Installation::new();
    let survivor = installation.start();
    let team = Team::new(&survivor).await;
    let mut socket = team.assignee.follow(0).await;
    socket.take(1..=1).await;
    let mut last = 1;
    for round in 0..15 {
        let victim = installation.start();
        let owner = team.owner.on(&victim);
        let status = if round % 2 == 0 { "in_progress" } else { "todo" };
        owner.patch(team.path(), json!({"status": status})).await.expect(200);
        victim.kill();
        last += 1;
        socket.take(last..=last).await;
    }
}

#[tokio::test]
async fn user_of_killed_node_resumes_on_the_other() {
    let [here, there] = two();
    let team = Team::new(&here).await;
    let mut socket = team.assignee.on(&there).follow(0).await;
    socket.take(1..=1).await;
    team.toggle(5).await;
    socket.take(2..=3).await;
    there.kill();
    team.toggle(2).await;
    team.assignee.follow(3).await.take(4..=8).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn node_catches_up_after_losing_its_database() {
    let installation = Installation::new();
    let here = installation.start();
    let relay = Relay::to(installation.database_url()).await;
    let cut_off = installation.clone().with("DATABASE_URL", relay.url());
    let there = spawn_blocking(move || cut_off.start()).await.unwrap();
    let team = Team::new(&here).await;
    let elsewhere = team.assignee.on(&there);
    let mut socket = elsewhere.follow(0).await;
    socket.take(1..=1).await;
    let mut last = 1;
    for _ in 0..2 {
        relay.stop_forwarding();
        team.toggle(10).await;
        // Here nobody notices.
        team.assignee.follow(last).await.take(last + 1..=last + 10).await;
        relay.resume_forwarding();
        socket.take(last + 1..=last + 10).await;
        last += 10;
    }
}

#[tokio::test]
async fn reconnecting_listener_misses_nothing() {
    let installation = Installation::new();
    let [here, there] = [installation.start(), installation.start()];
    let team = Team::new(&here).await;
    let mut socket = team.assignee.on(&there).follow(0).await;
    socket.take(1..=1).await;
    for seq in 2..=21 {
        installation.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid() AND query ILIKE 'LISTEN%'",
        );
        team.toggle(1).await;
        socket.take(seq..=seq).await;
    }
}

#[tokio::test]
async fn revocation_closes_sockets_on_the_other_node() {
    let [here, there] = two();
    let admin = here.admin().await;
    for way in ["logout", "deactivation"] {
        let ann = here.register().await;
        let elsewhere = ann.on(&there);
        let (mut socket, mut stream) = (elsewhere.follow(0).await, elsewhere.get("/events").stream().await);
        if way == "logout" {
            ann.log_out().await.expect(200);
        } else {
            admin.patch(format!("/users/{}", ann.id), json!({"is_active": false})).await.expect(200);
        }
        let begin = Instant::now();
        assert_eq!(socket.closed().await, Some(4401), "{way}");
        assert_eq!(stream.closed().await, Some(4401), "{way}");
        assert!(begin.elapsed() < SOON, "{way}: {:?}", begin.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statistics_are_exact_on_both_nodes() {
    let nodes = two();
    let team = Team::new(&nodes[0]).await;
    busy(&nodes, &team, 4, 8).await;
    for node in &nodes {
        let owner = team.owner.on(node);
        eventually("the numbers are right", async || {
            let numbers = owner.get(format!("/projects/{}/stats", team.project)).await.expect(200).data();
            // Each went an odd number of steps, but the first.
            (&numbers["todo"], &numbers["in_progress"], &numbers["total"]) == (&json!(1), &json!(8), &json!(9))
        })
        .await;
    }
}
