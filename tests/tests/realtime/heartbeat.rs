//! Pings of both sides, and clients that send no pong.

use fasttrack_tests::{Installation, RawRealtimeConnection, Received, Server, Team, tungstenite::Message};

#[tokio::test]
async fn client_answering_pings_stays_connected() {
    let server = Installation::new().with("WS_PING_SECONDS", "1").start();
    let team = Team::new(&server).await;
    let mut socket = team.assignee.follow(1).await;
    for _ in 0..4 {
        assert_eq!(socket.receive().await, Received::Ping);
    }
    team.toggle(1).await;
    socket.take(2..=2).await;
}

#[tokio::test]
async fn client_missing_two_pings_is_disconnected() {
    let server = Installation::new().with("WS_PING_SECONDS", "1").start();
    let ann = server.register().await;
    let mut connection = RawRealtimeConnection::web_socket(&server, &ann, 0).await;
    let mut pings = 0;
    while let Some(frame) = connection.next().await {
        match frame.opcode {
            9 => pings += 1,
            8 => {}
            _ => panic!("{frame:?}"),
        }
    }
    assert!((1..=3).contains(&pings), "{pings} pings");
}

#[tokio::test]
async fn ping_of_client_is_answered_with_its_payload() {
    let server = Server::shared();
    let ann = server.register().await;
    let mut socket = ann.follow(0).await;
    for payload in [vec![], vec![1, 2, 3], vec![0; 125]] {
        socket.send(Message::Ping(payload.clone().into())).await;
        assert_eq!(socket.receive().await, Received::Pong(payload));
    }
}
