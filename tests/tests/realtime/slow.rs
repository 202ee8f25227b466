//! Clients that don't read what they are sent.

use fasttrack_tests::{Account, Installation, Team, Wire, all};
use serde_json::{Value, json};

/// Characters of four bytes each.
fn long(length: usize) -> String {
    "\u{1F422}".repeat(length)
}

/// A team whose notifications are as large as they get: about 2 KB.
async fn verbose(server: &fasttrack_tests::Server) -> Team {
    let team = Team::new(server).await;
    team.assignee.patch("/users/me", json!({"display_name": long(100)})).await.expect(200);
    team.owner.patch(format!("/projects/{}", team.project), json!({"name": long(200)})).await.expect(200);
    team.owner.patch(team.path(), json!({"title": long(200)})).await.expect(200);
    team
}

/// The owner is told so often.
async fn talk(team: &Team, times: usize) {
    let path = format!("{}/comments", team.path());
    for _ in 0..times / 50 {
        for answer in all((0..50).map(|_| team.assignee.post(&path, json!({"body": "Talk"})))).await {
            answer.expect(201);
        }
    }
}

/// What a client that begins to read again still gets: numbers of notifications, and the code it was closed with.
async fn rest(wire: &mut Wire) -> (Vec<i64>, Option<u16>) {
    let mut seqs = Vec::new();
    let mut code = None;
    while let Some(frame) = wire.next().await {
        match frame.opcode {
            1 => {
                let message: Value = serde_json::from_slice(&frame.payload).unwrap();
                seqs.push(message["seq"].as_i64().unwrap());
            }
            8 => code = frame.code(),
            _ => {}
        }
    }
    (seqs, code)
}

async fn resume(account: &Account, seqs: &[i64], last: i64) {
    let since = seqs.last().copied().unwrap_or_default();
    assert!(seqs.iter().copied().eq(1..=since), "{seqs:?}");
    account.follow(since).await.take(since + 1..=last).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_stops_reading_costs_little_holds_nobody_up_and_resumes() {
    const TOLD: usize = 3000;
    let server = Installation::new().with("WS_PING_SECONDS", "300").start();
    let team = verbose(&server).await;
    // Everything that takes memory once has taken it.
    talk(&team, 200).await;
    let mut reader = team.owner.follow(0).await;
    reader.take(1..=200).await;
    let before = server.memory();
    let mut deaf = Vec::new();
    for _ in 0..15 {
        deaf.push(Wire::open(&server, &team.owner, 0).await);
    }
    talk(&team, TOLD).await;
    let last = i64::try_from(TOLD).unwrap() + 200;
    reader.take(201..=last).await;
    // 15 times 6 MB would be 90 MB.
    let more = server.memory().saturating_sub(before) >> 20;
    assert!(more < 30, "{more} MB more");

    for wire in &mut deaf {
        let (seqs, code) = rest(wire).await;
        assert!(matches!(code, None | Some(1013)), "{code:?}");
        resume(&team.owner, &seqs, last).await;
    }
}
