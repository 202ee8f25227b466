//! Messages that there are changes, at `/ws` and `/events`.

use super::{Follower, settle};
use fasttrack_tests::{Server, Team, has_fields};
use serde_json::Value;
use std::time::{Duration, Instant};

#[track_caller]
fn cursor_of(message: &Value) -> String {
    has_fields(message, &["type", "cursor"]);
    assert_eq!(message["type"], "changes");
    message["cursor"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn connections_that_want_it_get_a_message_of_changes() {
    const SECONDS: u32 = 3;
    let server = Server::shared();
    let team = Team::new(&server).await;
    settle(&team.owner).await;
    let mut socket = team.owner.socket("?changes=true").open().await;
    let mut events = team.owner.get("/events?changes=true").stream().await;
    let begin = Instant::now();
    let mut received = 0_u32;
    team.toggle(1).await;
    let mut last = cursor_of(&socket.next().await);
    let fields = events.try_next().await.unwrap();
    cursor_of(&serde_json::from_str(&fields["data"]).unwrap());
    // However many changes there are, a second has one message.
    while begin.elapsed() < Duration::from_secs(SECONDS.into()) {
        team.toggle(5).await;
        last = cursor_of(&socket.next().await);
        received += 1;
    }
    assert!(received <= SECONDS + 1, "{received}");
    let mut follower = Follower::new();
    follower.cursor = Some(last);
    follower.catch_up(&team.owner).await;
}

#[tokio::test]
async fn connections_without_it_get_notifications_alone() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    let mut plain = team.assignee.follow(1).await;
    let mut both = team.assignee.socket("?since=1&changes=true").open().await;
    team.toggle(2).await;
    plain.take(2..=3).await;
    let mut seqs = Vec::new();
    while seqs.len() < 2 {
        let message = both.next().await;
        if message["type"] != "changes" {
            seqs.push(message["seq"].as_i64().unwrap());
        }
    }
    assert_eq!(seqs, [2, 3]);
}

#[tokio::test]
async fn changes_of_others_are_not_told() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    let eve = server.register().await;
    for account in [&team.owner, &eve] {
        settle(account).await;
    }
    let mut of_team = team.owner.socket("?changes=true").open().await;
    // The first news after a while without connections can be for everybody.
    team.toggle(1).await;
    cursor_of(&of_team.next().await);
    let mut of_eve = eve.socket("?changes=true").open().await;
    team.toggle(1).await;
    cursor_of(&of_team.next().await);
    eve.project().await;
    // A message for the former change would have a cursor before the project.
    let mut follower = Follower::new();
    follower.cursor = Some(cursor_of(&of_eve.next().await));
    assert_eq!(follower.catch_up(&eve).await, [] as [Value; 0]);
}
