use fasttrack_tests::{Account, Installation, RawRealtimeConnection, Received, Server, Socket, Team, all, eventually};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Notifications of the test: no more than are sent before a client that reads nothing for 30 s is dropped.
const BEFORE: i64 = 200;
const TOLD: i64 = 1000;

/// Clients of each kind that read nothing: one less than the limit of a user.
const DEAF: usize = 15;

/// Returns a text of `length` characters with four bytes each.
fn long(length: usize) -> String {
    "\u{1F422}".repeat(length)
}

/// A team with notifications of the largest size, about 2 KB, and a client that has read 200 of them.
async fn prepare() -> (Server, Team, Socket) {
    let installation = Installation::new().with("WS_PING_SECONDS", "300");
    let server = installation.with("WS_CONNECTIONS_PER_USER", (DEAF + 1).to_string()).start();
    let team = Team::new(&server).await;
    team.assignee.patch("/users/me", json!({"display_name": long(100)})).await.expect(200);
    team.owner.patch(format!("/projects/{}", team.project), json!({"name": long(200)})).await.expect(200);
    team.owner.patch(team.path(), json!({"title": long(200)})).await.expect(200);
    // Everything that takes memory once has taken it.
    talk(&team, BEFORE).await;
    let mut reader = team.owner.follow(0).await;
    reader.take(1..=BEFORE).await;
    (server, team, reader)
}

/// Sends the owner `times` notifications, by comments.
async fn talk(team: &Team, times: i64) {
    let path = format!("{}/comments", team.path());
    // Fewer at once than a pool has connections: they change one row, where each waits for the one before it.
    for _ in 0..times / 10 {
        for answer in all((0..10).map(|_| team.assignee.post(&path, json!({"body": "Talk"})))).await {
            answer.expect(201);
        }
    }
}

/// Fails unless readers get everything and the memory stays bounded. Without a bound, unread data would take 30 MB.
async fn goes_on(server: &Server, team: &Team, reader: &mut Socket, before: u64) {
    // It reads meanwhile: on a busy machine the talk takes longer than anybody may hold up what is sent.
    tokio::join!(talk(team, TOLD), reader.take(BEFORE + 1..=BEFORE + TOLD));
    let more = server.memory().saturating_sub(before) >> 20;
    assert!(more < 20, "{more} MB more");
}

/// Reads the rest of a connection: the numbers of the notifications, and the close code.
async fn rest(connection: &mut RawRealtimeConnection) -> (Vec<i64>, Option<u16>) {
    let mut seqs = Vec::new();
    let mut code = None;
    while let Some(frame) = connection.next().await {
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

async fn resume(account: &Account, seqs: &[i64]) {
    let since = seqs.last().copied().unwrap_or_default();
    assert!(seqs.iter().copied().eq(1..=since), "{seqs:?}");
    account.follow(since).await.take(since + 1..=BEFORE + TOLD).await;
}

/// Waits until the user has `count` further connections open, as the limit allows.
async fn room(account: &Account, count: usize) {
    let mut sockets = Vec::new();
    while sockets.len() < count {
        eventually("there is room", async || {
            let mut socket = account.follow(BEFORE + TOLD - 1).await;
            let taken = socket.try_next().await.is_some();
            if taken {
                sockets.push(socket);
            }
            taken
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_socket_is_closed_and_delays_nobody() {
    let (server, team, mut reader) = prepare().await;
    let before = server.memory();
    let mut deaf = Vec::new();
    for _ in 1..DEAF {
        deaf.push(RawRealtimeConnection::web_socket(&server, &team.owner, 0).await);
    }
    // One for which the network keeps what comes.
    let mut late = team.owner.follow(0).await;
    goes_on(&server, &team, &mut reader, before).await;
    room(&team.owner, DEAF).await;

    let mut seqs = Vec::new();
    let code = loop {
        match late.receive().await {
            Received::Message(message) => seqs.push(message["seq"].as_i64().unwrap()),
            Received::Closed(code) => break code,
            _ => {}
        }
    };
    // It is closed with 1013, and torn down where it doesn't answer in time, which a busy machine may not let it.
    assert!(matches!(code, None | Some(1013)), "{code:?}");
    let given_up = || server.log().matches("too slow to keep up").count();
    eventually("each was closed for that reason", async || given_up() == DEAF).await;
    resume(&team.owner, &seqs).await;
    for connection in &mut deaf {
        let (seqs, code) = rest(connection).await;
        assert!(matches!(code, None | Some(1013)), "{code:?}");
        resume(&team.owner, &seqs).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_stream_delays_nobody_and_ends_at_shutdown() {
    let (mut server, team, mut reader) = prepare().await;
    let before = server.memory();
    let mut deaf = Vec::new();
    for _ in 0..DEAF {
        deaf.push(RawRealtimeConnection::event_stream(&server, &team.owner, 0).await);
    }
    goes_on(&server, &team, &mut reader, before).await;
    server.terminate();
    assert_eq!(reader.closed().await, Some(1012));
    assert_eq!(server.ended().await.code(), Some(0));
    for connection in &mut deaf {
        connection.rest().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_sockets_end_at_shutdown() {
    let (mut server, team, mut reader) = prepare().await;
    let mut deaf = Vec::new();
    for _ in 0..DEAF {
        deaf.push(RawRealtimeConnection::web_socket(&server, &team.owner, 0).await);
    }
    talk(&team, 50).await;
    reader.take(BEFORE + 1..=BEFORE + 50).await;
    let begin = Instant::now();
    server.terminate();
    assert_eq!(reader.closed().await, Some(1012));
    assert_eq!(server.ended().await.code(), Some(0));
    // Not by force, which comes after 30 s.
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    for connection in &mut deaf {
        let (seqs, code) = rest(connection).await;
        assert!(matches!(code, None | Some(1012)), "{code:?}");
        assert!((1..).zip(&seqs).all(|(n, seq)| *seq == n), "{seqs:?}");
    }
}
