//! Client addresses behind proxies.

use super::{guess, limited, public, standing, with_limit};
use fasttrack_tests::{Answer, Client, Installation, PASSWORD};
use serde_json::json;

async fn from(client: &Client, forwarded: &str) -> Answer {
    public(client).header("x-forwarded-for", forwarded).await
}

#[tokio::test]
async fn untrusted_peer_is_counted_by_its_own_address() {
    let server = with_limit(3);
    let client = server.anonymous();
    for n in 0..3 {
        from(&client, &format!("198.51.100.{n}")).await.expect(200);
    }
    limited(from(&client, "198.51.100.77").await);
    limited(from(&client, "127.0.0.2, 10.0.0.1").await);
    limited(public(&client).await);
}

#[tokio::test]
async fn clients_behind_trusted_proxy_are_counted_separately() {
    let installation = Installation::new().with("TRUSTED_PROXIES", "127.0.0.0/8,10.0.0.0/8,::1");
    let server = installation.with("RATE_LIMIT_REQUESTS", "2").with("LOGIN_RATE_LIMIT", "1").start();
    let client = server.anonymous();
    let left = async |forwarded: &str| standing(&from(&client, forwarded).await.expect(200), "default").0;
    assert_eq!(left("198.51.100.1").await, 1);
    // What the client says of itself stands to the left, and other proxies of ours to the right.
    assert_eq!(left("6.6.6.6, 198.51.100.1:4711, 10.1.2.3").await, 0);
    limited(from(&client, "9.9.9.9, 198.51.100.1").await);
    limited(public(&client).header("x-forwarded-for", "9.9.9.9").header("x-forwarded-for", "198.51.100.1").await);
    assert_eq!(left("198.51.100.2").await, 1);
    // Without a client it's the proxy.
    assert_eq!(left("nonsense").await, 1);
    assert_eq!(standing(&public(&client).await.expect(200), "default").0, 0);

    // Whoever has one address of a /64 has all of them.
    assert_eq!(left("2001:db8::1").await, 1);
    assert_eq!(left("[2001:db8::ffff:1]:4711").await, 0);
    limited(from(&client, "2001:db8::2").await);
    assert_eq!(left("2001:db8:0:1::1").await, 1);

    let guess_from = |address: &str| guess(&client, "ann@example.org").header("x-forwarded-for", address);
    guess_from("198.51.100.3").await.expect(401);
    let refused = guess_from("198.51.100.3").await;
    assert_eq!(standing(&refused, "login").0, 0);
    limited(refused);
    guess_from("198.51.100.4").await.expect(401);
}

#[tokio::test]
async fn session_behind_proxy_has_client_address() {
    let server = Installation::new().with("TRUSTED_PROXIES", "127.0.0.1").start();
    let ann = server.register().await;
    let credentials = json!({"email": ann.email, "password": PASSWORD});
    let login = server.anonymous().post("/auth/login", credentials);
    login.header("x-forwarded-for", "6.6.6.6, 2001:db8::5").await.expect(200);
    let sessions = ann.get("/auth/sessions").await.expect(200).items();
    let ips: Vec<_> = sessions.iter().map(|session| session["ip"].as_str().unwrap()).collect();
    assert_eq!(ips, ["2001:db8::5", "127.0.0.1"]);
}
