//! `/changes/stream`: the feed as server-sent events.

use super::{Follower, brief, cursor, follow, settle, visible::visible};
use fasttrack_tests::{Account, EventStream, Fields, Installation, SOON, Server, Team, eventually};
use serde_json::{Value, json};
use std::time::Instant;

/// Receives the next change, and its event.
async fn next(stream: &mut EventStream) -> (Value, Fields) {
    let fields = stream.try_next().await.unwrap();
    assert_eq!(fields["event"], "change", "{fields:?}");
    (serde_json::from_str(&fields["data"]).unwrap(), fields)
}

#[tokio::test]
async fn stream_sends_the_same_changes_and_goes_on_live() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    settle(&team.owner).await;
    let changes = Follower::new().catch_up(&team.owner).await;
    let mut stream = team.owner.get("/changes/stream").stream().await;
    assert!(stream.header("cache-control").unwrap().contains("no-store"));
    let mut follower = Follower::new();
    for change in &changes {
        let (streamed, fields) = next(&mut stream).await;
        assert_eq!(streamed, *change);
        follower.apply(&streamed);
        follower.cursor = fields.get("id").cloned();
    }
    // Wherever the stream is left, reading goes on.
    assert!(follower.catch_up(&team.owner).await.is_empty());
    for _ in 0..3 {
        let begin = Instant::now();
        team.toggle(1).await;
        let (change, _) = next(&mut stream).await;
        assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
        assert_eq!(brief(&change), format!("put task {}", team.task));
        assert_eq!(change["data"], team.owner.get(team.path()).await.expect(200).data());
    }
}

#[tokio::test]
async fn change_stream_resumes_after_last_event_id() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    settle(&team.owner).await;
    let beginning = format!("/changes/stream?since={}", cursor(&team.owner, "?limit=1").await);
    let mut stream = team.owner.get(&beginning).stream().await;
    let (first, fields) = next(&mut stream).await;
    let (second, _) = next(&mut stream).await;
    assert_ne!(first, second);
    drop(stream);
    // What the browser has seen counts for more than the address.
    let mut stream = team.owner.get(&beginning).header("last-event-id", &fields["id"]).stream().await;
    assert_eq!(next(&mut stream).await.0, second);
    let mut follower = Follower::new();
    follower.cursor = Some(fields["id"].clone());
    assert_eq!(follower.catch_up(&team.owner).await[0], second);
}

#[tokio::test]
async fn change_stream_is_a_connection_of_its_user() {
    let server = Installation::new().with("WS_CONNECTIONS_PER_USER", "1").start();
    let ann = server.register().await;
    server.anonymous().get("/changes/stream").await.refused(401, "token_missing");
    let since = follow(&ann).await.cursor.unwrap();
    let path = format!("/changes/stream?since={since}");
    let mut stream = ann.get(&path).stream().await;
    for path in ["/changes/stream", "/events"] {
        ann.get(path).await.refused(429, "rate_limited");
    }
    let begin = Instant::now();
    ann.log_out().await.expect(200);
    assert_eq!(stream.closed().await, Some(4401));
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());

    let ann = ann.log_in_again().await;
    let mut next = None;
    eventually("its place is free", async || {
        next = ann.get(&path).try_stream().await;
        next.is_some()
    })
    .await;
    server.terminate();
    let mut stream = next.unwrap();
    assert_eq!(stream.closed().await, Some(1012));
}

#[tokio::test]
async fn streams_of_several_users_get_what_is_theirs() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "viewer").await;
    let mut of_bob = follow(&bob).await;
    let open = |account: &Account, since: &str| account.get(format!("/changes/stream?since={since}"));
    let mut stream = open(&bob, of_bob.cursor.as_ref().unwrap()).stream().await;
    let private = ann.task(ann.project().await, json!({})).await;
    let shared = ann.task(project, json!({})).await;
    let (change, _) = next(&mut stream).await;
    assert_eq!(brief(&change), format!("put task {shared}"), "not {private}");
    ann.remove(project, &bob).await;
    let (lost, _) = next(&mut stream).await;
    assert_eq!(brief(&lost), format!("delete project {project} access"));
    of_bob.apply(&change);
    of_bob.apply(&lost);
    assert_eq!(of_bob.things, visible(&bob).await);
}
