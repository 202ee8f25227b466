//! `/events`: notifications as server-sent events.

use fasttrack_tests::{Installation, SOON, Server, Team};
use reqwest::Method;
use serde_json::json;
use std::time::Instant;

#[tokio::test]
async fn stream_and_socket_send_the_same_notifications() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    let mut stream = team.assignee.get("/events?since=0").stream().await;
    assert!(stream.header("cache-control").unwrap().contains("no-store"));
    team.toggle(2).await;
    for message in team.assignee.follow(0).await.take(1..=3).await {
        assert_eq!(stream.next().await, message);
    }
}

#[tokio::test]
async fn stream_resumes_after_last_event_id() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    team.toggle(4).await;
    let mut stream = team.assignee.get("/events?since=0").stream().await;
    for seq in 1..=3 {
        assert_eq!(stream.next().await["seq"], seq);
    }
    drop(stream);
    // What the browser has seen counts for more than what stands in the address that it began with.
    let mut stream = team.assignee.get("/events?since=0").header("last-event-id", "3").stream().await;
    team.toggle(1).await;
    for seq in 4..=6 {
        assert_eq!(stream.next().await["seq"], seq);
    }
    let mut stream = team.assignee.get("/events").header("last-event-id", "6").stream().await;
    team.toggle(1).await;
    assert_eq!(stream.next().await["seq"], 7);
}

#[tokio::test]
async fn stream_needs_token_or_ticket() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    let client = server.anonymous();
    client.get("/events").await.refused(401, "token_missing");
    client.get("/events?token=x").await.refused(401, "token_invalid");
    let ticket = team.assignee.request(Method::POST, "/ws/ticket").await.expect(201).data()["ticket"].clone();
    let path = format!("/events?since=0&ticket={}", ticket.as_str().unwrap());
    for path in [&path, &format!("/events?since=0&token={}", team.assignee.access_token)] {
        assert_eq!(client.get(path).stream().await.next().await["seq"], 1);
    }
    client.get(path).await.refused(401, "token_invalid");
}

#[tokio::test]
async fn invalid_stream_position_is_named() {
    let server = Server::shared();
    let ann = server.register().await;
    for wrong in ["x", "-1", "1.5"] {
        ann.get(format!("/events?since={wrong}")).await.invalid(&["query.since"]);
        ann.get("/events").header("last-event-id", wrong).await.invalid(&["header.last-event-id"]);
    }
}

#[tokio::test]
async fn stream_ends_when_its_token_expires() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    let mut stream = team.assignee.get("/events?since=0").stream().await;
    stream.next().await;
    team.assignee.log_out().await.expect(200);
    let begin = Instant::now();
    assert_eq!(stream.closed().await, Some(4401));
    assert!(begin.elapsed() < SOON);
}

#[tokio::test]
async fn idle_stream_sends_heartbeats() {
    let server = Installation::new().with("WS_PING_SECONDS", "1").start();
    let ann = server.register().await;
    let mut stream = ann.get("/events").stream().await;
    let mut comments = 0;
    while comments < 3 {
        let fields = stream.receive().await.unwrap();
        assert!(!fields.contains_key("data"), "{fields:?}");
        comments += usize::from(fields.contains_key(""));
    }
}

#[tokio::test]
async fn streams_and_sockets_share_one_limit() {
    let server = Installation::new().with("WS_CONNECTIONS_PER_USER", "2").start();
    let team = Team::new(&server).await;
    let mut stream = team.assignee.get("/events").stream().await;
    let mut socket = team.assignee.follow(1).await;
    let answer = team.assignee.get("/events").await.refused(429, "rate_limited");
    assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
    assert_eq!(team.assignee.follow(0).await.closed().await, Some(1008));
    team.owner.patch(team.path(), json!({"status": "in_progress"})).await.expect(200);
    assert_eq!(stream.next().await["seq"], 2);
    socket.take(2..=2).await;
}
