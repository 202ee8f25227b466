//! Whether somebody is there.

use fasttrack_tests::{Installation, Received, Server, Team, Wire, tungstenite::Message};

#[tokio::test]
async fn a_client_that_answers_pings_stays() {
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
async fn a_client_that_does_not_is_given_up_after_two() {
    let server = Installation::new().with("WS_PING_SECONDS", "1").start();
    let ann = server.register().await;
    let mut wire = Wire::socket(&server, &ann, 0).await;
    let mut pings = 0;
    while let Some(frame) = wire.next().await {
        match frame.opcode {
            9 => pings += 1,
            8 => {}
            _ => panic!("{frame:?}"),
        }
    }
    assert!((1..=3).contains(&pings), "{pings} pings");
}

#[tokio::test]
async fn a_ping_of_the_client_is_answered_with_what_it_says() {
    let server = Server::shared();
    let ann = server.register().await;
    let mut socket = ann.follow(0).await;
    for payload in [vec![], vec![1, 2, 3], vec![0; 125]] {
        socket.send(Message::Ping(payload.clone().into())).await;
        assert_eq!(socket.receive().await, Received::Pong(payload));
    }
}
