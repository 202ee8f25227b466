//! Reasons for which the server closes a socket.

use fasttrack_tests::{
    Account, Installation, PASSWORD, Received, SOON, Server, Socket, Team, eventually, jwt::Forge, tungstenite::Message,
};
use serde_json::json;
use std::time::{Duration, Instant};

const REVOKED: Option<u16> = Some(4401);

/// Fails unless the socket is closed with 4401 soon.
async fn revoked(what: &str, socket: &mut Socket) {
    let begin = Instant::now();
    assert_eq!(socket.closed().await, REVOKED, "{what}");
    assert!(begin.elapsed() < SOON, "{what}: after {:?}", begin.elapsed());
}

#[tokio::test]
async fn logout_closes_only_sockets_of_its_session() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    let elsewhere = team.assignee.log_in_again().await;
    let mut sockets = [team.assignee.follow(0).await, team.assignee.follow(1).await];
    let mut other = elsewhere.follow(1).await;
    team.assignee.log_out().await.expect(200);
    for socket in &mut sockets {
        revoked("a logout", socket).await;
    }
    team.toggle(2).await;
    other.take(2..=3).await;
}

#[tokio::test]
async fn socket_of_revoked_token_gets_no_notification() {
    let server = Server::shared();
    for _ in 0..10 {
        let team = Team::new(&server).await;
        let mut socket = team.assignee.follow(1).await;
        team.assignee.log_out().await.expect(200);
        team.toggle(1).await;
        let end = loop {
            match socket.receive().await {
                Received::Ping => {}
                other => break other,
            }
        };
        assert_eq!(end, Received::Closed(REVOKED));
    }
}

#[tokio::test]
async fn admin_changes_close_all_sockets_of_user() {
    let server = Server::shared();
    let admin = server.admin().await;
    for change in [json!({"role": "admin"}), json!({"is_active": false})] {
        let ann = server.register().await;
        let again = ann.log_in_again().await;
        let mut sockets = [ann.follow(0).await, again.follow(0).await];
        let mut bystander = admin.follow(0).await;
        admin.patch(format!("/users/{}", ann.id), change.clone()).await.expect(200);
        for socket in &mut sockets {
            revoked(&change.to_string(), socket).await;
        }
        bystander.send(Message::Ping(vec![7].into())).await;
        assert_eq!(bystander.receive().await, Received::Pong(vec![7]));
    }
}

#[tokio::test]
async fn set_password_by_cli_closes_all_sockets_of_user() {
    let server = Server::shared();
    let ann = server.register().await;
    let mut sockets = [ann.follow(0).await, ann.log_in_again().await.follow(0).await];
    let set = server.installation().command(["user", "set-password", "--email", &ann.email]);
    set.input("another horse battery").run().await.succeeded();
    for socket in &mut sockets {
        revoked("set-password", socket).await;
    }
}

#[tokio::test]
async fn refresh_reuse_closes_sockets_of_its_session() {
    let server = Server::shared();
    let ann = server.register().await;
    let exchange = || ann.post("/auth/refresh", json!({"refresh_token": ann.refresh_token}));
    let mut old = ann.follow(0).await;
    let refreshed = Account::from_tokens(&server.anonymous(), &exchange().await.expect(200).data()).await;
    let mut new = refreshed.follow(0).await;
    // An exchange alone ends nothing.
    for socket in [&mut old, &mut new] {
        socket.send(Message::Ping(vec![1].into())).await;
        assert_eq!(socket.receive().await, Received::Pong(vec![1]));
    }
    exchange().await.refused(401, "refresh_token_reused");
    for socket in [&mut old, &mut new] {
        revoked("reuse", socket).await;
    }
}

#[tokio::test]
async fn socket_closes_when_its_token_expires() {
    let server = Server::shared();
    let ann = server.register().await;
    let token = Forge::new(&server, &ann.access_token).expires_after(Duration::from_secs(6)).sign();
    let client = server.anonymous().with_token(&token);
    let mut sockets =
        [client.socket("").open().await, server.anonymous().socket(&format!("?token={token}")).open().await];
    let closing = tokio::spawn(async move {
        for socket in &mut sockets {
            assert_eq!(socket.closed().await, REVOKED);
        }
        Instant::now()
    });
    eventually("the token has expired", async || {
        // Looked at before the request is sent: the token may expire on the way back of its answer.
        let is_closed = closing.is_finished();
        let good = client.get("/auth/me").await.status == 200;
        assert!(!good || !is_closed, "closed too early");
        !good
    })
    .await;
    let expired = Instant::now();
    let closed = closing.await.unwrap();
    assert!(closed.saturating_duration_since(expired) < SOON);
    client.socket("").await.refused(401, "token_expired");
}

#[tokio::test]
async fn shutdown_closes_sockets_with_1012() {
    let mut server = Installation::new().start();
    let mut sockets = Vec::new();
    let mut streams = Vec::new();
    for _ in 0..3 {
        let ann = server.register().await;
        sockets.push(ann.follow(0).await);
        sockets.push(ann.follow(0).await);
        streams.push(ann.get("/events").stream().await);
    }
    // One that reads nothing, and doesn't hold the others up.
    let deaf = server.register().await.follow(0).await;
    server.terminate();
    for socket in &mut sockets {
        assert_eq!(socket.closed().await, Some(1012));
    }
    for stream in &mut streams {
        assert_eq!(stream.closed().await, Some(1012));
    }
    assert_eq!(server.ended().await.code(), Some(0));
    drop(deaf);
}

#[tokio::test]
async fn close_frame_is_answered() {
    let server = Server::shared();
    let ann = server.register().await;
    for _ in 0..30 {
        // More than may be open at once: each makes room for the next.
        let mut socket = ann.follow(0).await;
        socket.send(Message::Close(None)).await;
        assert!(matches!(socket.closed().await, None | Some(1000)));
    }
    Account::log_in(&server.anonymous(), &ann.email, PASSWORD).await;
}
