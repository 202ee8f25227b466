//! Keys of the external issuer.

use super::issuer::{Issuer, Key, trusting};
use fasttrack_tests::{Installation, all, eventually};
use serde_json::json;
use tokio::net::TcpListener;

#[tokio::test]
async fn new_key_of_issuer_is_accepted_at_once() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let old = issuer.user(&server, json!({"sub": "u-1"}));
    let me = old.get("/auth/me").await.expect(200).data();
    let second = Key::new("second").await;
    issuer.publish(&[&issuer.key, &second]);
    let new = server.anonymous().with_token(&second.token(json!({"sub": "u-1"})));
    for answer in all((0..20).flat_map(|_| [new.get("/auth/me"), old.get("/auth/me")])).await {
        assert_eq!(answer.expect(200).data(), me);
    }
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn known_keys_work_while_issuer_is_down() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let ann = server.register().await;
    let external = issuer.user(&server, json!({"sub": "u-1"}));
    let unseen = issuer.user(&server, json!({"sub": "u-2"}));
    external.get("/auth/me").await.expect(200);
    drop(issuer);
    external.get("/auth/me").await.expect(200);
    unseen.get("/auth/me").await.expect(200);
    ann.get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn unreached_issuer_is_503_until_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let server = trusting(Installation::new(), address.port()).start();
    let key = Key::new("first").await;
    let external = server.anonymous().with_token(&key.token(json!({"sub": "u-1"})));
    for answer in all((0..20).map(|_| external.get("/auth/me"))).await {
        let refused = answer.refused(503, "unavailable");
        assert!(refused.header("retry-after").is_some());
    }
    external.get("/health/ready").await.expect(200);
    server.register().await.get("/auth/me").await.expect(200);

    let issuer = Issuer::on(TcpListener::bind(address).await.unwrap()).await;
    issuer.publish(&[&key]);
    eventually("the issuer is asked again", async || external.get("/auth/me").await.status == 200).await;
    assert_eq!(issuer.asked(), 1);
    let complaint = "can't fetch the keys of the other issuer";
    eventually("the outage is logged", async || server.log().contains(complaint)).await;
}
