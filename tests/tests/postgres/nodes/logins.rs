//! Failed logins count on all nodes together.

use fasttrack_tests::{Account, Client, Installation, PASSWORD, Request, Server, all};
use serde_json::json;

fn login(client: &Client, email: &str, password: &str) -> Request {
    client.post("/auth/login", json!({"email": email, "password": password}))
}

#[tokio::test]
async fn concurrent_guesses_on_two_nodes_share_the_limit() {
    let installation = Installation::new().with("LOGIN_RATE_LIMIT", "5");
    let nodes = [installation.start(), installation.start()];
    let clients = nodes.each_ref().map(Server::anonymous);
    let ann = Account::register(clients[0].clone(), "ann@example.org").await;
    let guesses = all((0..30).map(|n| login(&clients[n % 2], &ann.email, "wrong horse battery"))).await;
    let (judged, refused): (Vec<_>, Vec<_>) = guesses.into_iter().partition(|answer| answer.status == 401);
    assert_eq!((judged.len(), refused.len()), (5, 25));
    for answer in refused {
        let answer = answer.refused(429, "rate_limited");
        assert!((1..=60).contains(&answer.header("retry-after").unwrap().parse::<u32>().unwrap()), "{answer:#?}");
    }
    for client in &clients {
        login(client, &ann.email, PASSWORD).await.refused(429, "rate_limited");
    }
    installation.sql("UPDATE login_attempts SET began_at = began_at - INTERVAL '60 seconds'");
    for client in &clients {
        login(client, &ann.email, PASSWORD).await.expect(200);
    }
}
