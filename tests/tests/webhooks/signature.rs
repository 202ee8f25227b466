//! Headers and signatures, as Standard Webhooks has them. That public libraries accept them is tested with the receivers
//! of `docs/webhooks.md`.

use super::{Webhook, installation, shared};
use fasttrack_tests::{Account, Receiver, Reply};
use reqwest::Method;
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};

#[expect(clippy::disallowed_methods, reason = "the receiver has its own clock")]
fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

#[tokio::test]
async fn request_has_the_headers_of_the_standard() {
    let server = shared();
    let ann = server.register().await;
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    let webhook = Webhook::new(&ann, project, &receiver).await;
    receiver.reply_once([Reply::status(500).header("Retry-After", "1")]);
    ann.task(project, json!({})).await;
    let sent = receiver.wait_for(2).await;
    for attempt in &sent {
        assert_eq!(attempt.path, "/hook?key=sesame");
        assert_eq!(attempt.header("content-type"), "application/json");
        assert!(attempt.header("user-agent").starts_with("fasttrack-webhooks/"), "{attempt:#?}");
        assert_eq!(attempt.header("webhook-signature"), attempt.signature(&webhook.secret));
        let id = attempt.id().strip_prefix("msg_").unwrap();
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        let expected = ["content-length", "content-type", "host", "user-agent", "accept"];
        let others = attempt.headers.keys().filter(|name| !expected.contains(&name.as_str()));
        assert_eq!(others.collect::<Vec<_>>(), ["webhook-id", "webhook-signature", "webhook-timestamp"]);
    }
    let times: Vec<i64> = sent.iter().map(|attempt| attempt.header("webhook-timestamp").parse().unwrap()).collect();
    assert_eq!(sent[0].id(), sent[1].id());
    assert!(times[0] < times[1] && (now() - times[1]).abs() <= 60, "{times:?}");
    assert_ne!(sent[0].header("webhook-signature"), sent[1].header("webhook-signature"));
}

/// Replaces the secret, and returns the new one.
async fn rotate(owner: &Account, webhook: &Webhook) -> String {
    let rotated = owner.request(Method::POST, format!("{}/rotate", webhook.path())).await.expect(200);
    let secret = rotated.data()["secret"].as_str().unwrap().to_owned();
    assert_eq!(rotated.data(), json!({"secret": secret}));
    assert_eq!(rotated.header("cache-control"), Some("no-store"));
    secret
}

/// Checks that the next request is signed with these secrets, in this order, and with no other.
async fn is_signed_with(owner: &Account, webhook: &Webhook, receiver: &Receiver, secrets: &[&String]) {
    webhook.test(owner).await.expect(202);
    let sent = receiver.next().await;
    let expected: Vec<_> = secrets.iter().map(|secret| sent.signature(secret)).collect();
    assert_eq!(sent.header("webhook-signature"), expected.join(" "));
}

#[tokio::test]
async fn two_secrets_sign_for_a_day_after_a_rotation() {
    let server = installation().start();
    let ann = server.register().await;
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    let webhook = Webhook::new(&ann, project, &receiver).await;
    is_signed_with(&ann, &webhook, &receiver, &[&webhook.secret]).await;
    let second = rotate(&ann, &webhook).await;
    is_signed_with(&ann, &webhook, &receiver, &[&second, &webhook.secret]).await;
    let third = rotate(&ann, &webhook).await;
    assert!(third != second && second != webhook.secret);
    is_signed_with(&ann, &webhook, &receiver, &[&third, &second]).await;
    // A day later.
    server.installation().sql("UPDATE webhooks SET previous_until = created_at");
    is_signed_with(&ann, &webhook, &receiver, &[&third]).await;
}
