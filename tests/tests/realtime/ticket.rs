//! Tickets for WebSockets and streams.

use fasttrack_tests::{Account, Installation, Request, Server, Team, all, has_fields};
use reqwest::Method;
use serde_json::json;

async fn issue(account: &Account) -> String {
    let ticket = account.request(Method::POST, "/ws/ticket").await.expect(201).data();
    ticket["ticket"].as_str().unwrap().to_owned()
}

fn redeem(server: &Server, ticket: &str) -> Request {
    server.anonymous().socket(&format!("?since=0&ticket={ticket}"))
}

#[tokio::test]
async fn ticket_needs_token_and_states_its_lifetime() {
    let server = Server::shared();
    let ann = server.register().await;
    let ticket = ann.request(Method::POST, "/ws/ticket").await.expect(201).data();
    has_fields(&ticket, &["ticket", "expires_in"]);
    assert_eq!(ticket["expires_in"], 30);
    let text = ticket["ticket"].as_str().unwrap();
    assert!(text.len() >= 32 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{text}");
    assert_ne!(issue(&ann).await, text);
    server.anonymous().request(Method::POST, "/ws/ticket").await.refused(401, "token_missing");
}

#[tokio::test]
async fn ticket_opens_one_socket_of_its_user() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    let ticket = issue(&team.assignee).await;
    let mut socket = redeem(&server, &ticket).open().await;
    socket.take(1..=1).await;
    redeem(&server, &ticket).await.refused(401, "token_invalid");
    team.toggle(1).await;
    socket.take(2..=2).await;
}

#[tokio::test]
async fn one_of_concurrent_uses_of_ticket_succeeds() {
    let server = Server::shared();
    let ann = server.register().await;
    for _ in 0..5 {
        let ticket = issue(&ann).await;
        let answers = all((0..20).map(|_| redeem(&server, &ticket))).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 101);
        assert_eq!((won.len(), lost.len()), (1, 19));
        for answer in lost {
            answer.refused(401, "token_invalid");
        }
    }
}

#[tokio::test]
async fn ticket_expires() {
    let installation = Installation::new();
    let server = installation.start();
    let ann = server.register().await;
    let ticket = issue(&ann).await;
    installation.sql(if installation.is_on_postgres() {
        "UPDATE tickets SET expires_at = expires_at - interval '30 seconds'"
    } else {
        "UPDATE tickets SET expires_at = expires_at - 30000000"
    });
    redeem(&server, &ticket).await.refused(401, "token_invalid");
    redeem(&server, &issue(&ann).await).open().await;
}

#[tokio::test]
async fn revoked_token_ends_its_ticket_and_socket() {
    let server = Server::shared();
    let ann = server.register().await;
    let tickets = [issue(&ann).await, issue(&ann).await];
    let mut socket = redeem(&server, &tickets[0]).open().await;
    ann.log_out().await.expect(200);
    redeem(&server, &tickets[1]).await.refused(401, "token_revoked");
    assert_eq!(socket.closed().await, Some(4401));
}

#[tokio::test]
async fn ticket_and_token_are_not_interchangeable() {
    let server = Server::shared();
    let ann = server.register().await;
    let ticket = issue(&ann).await;
    server.anonymous().with_token(&ticket).get("/auth/me").await.refused(401, "token_invalid");
    server.anonymous().socket(&format!("?token={ticket}")).await.refused(401, "token_invalid");
    for wrong in [ann.access_token.as_str(), "x", "", "%00"] {
        redeem(&server, wrong).await.refused(401, "token_invalid");
    }
    redeem(&server, &ticket).open().await;
}

#[tokio::test]
async fn malformed_request_uses_no_ticket() {
    let server = Server::shared();
    let ann = server.register().await;
    let ticket = issue(&ann).await;
    let request = server.anonymous().socket(&format!("?since=x&ticket={ticket}"));
    request.await.invalid(&["query.since"]);
    redeem(&server, &ticket).open().await;
    assert_eq!(ann.get("/notifications").await.expect(200).data()["items"], json!([]));
}
