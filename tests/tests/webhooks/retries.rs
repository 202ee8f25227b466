//! Attempts that fail, and what follows.

use super::{AN_HOUR, Webhook, changed, retry, shared};
use fasttrack_tests::{Receiver, Reply, timestamp};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpListener;

#[tokio::test]
async fn failed_delivery_is_tried_again_with_the_same_id() {
    let server = shared();
    let ann = server.register().await;
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    let elsewhere = Receiver::start().await;
    let webhook = Webhook::new(&ann, project, &receiver).await;
    // A redirect is a failure like any other.
    receiver.reply_once([Reply::status(500), Reply::status(307).header("Location", &elsewhere.url())]);
    ann.task(project, json!({})).await;
    let sent = receiver.wait_for(3).await;
    let delivery = webhook.newest_is(&ann, "delivered", 3).await;
    assert_eq!((&delivery["last_status"], &delivery["last_error"]), (&json!(204), &Value::Null));
    assert_eq!(delivery["next_attempt_at"], Value::Null);
    assert_eq!(elsewhere.connections(), 0);
    // The jitter is a fifth at most.
    for (pause, least) in [(sent[1].at - sent[0].at, 160), (sent[2].at - sent[1].at, 320)] {
        assert!(pause >= Duration::from_millis(least), "{pause:?}");
    }
    for attempt in &sent {
        assert_eq!((attempt.id(), &attempt.body), (sent[0].id(), &sent[0].body));
        assert_eq!(attempt.header("webhook-signature"), attempt.signature(&webhook.secret));
    }
}

#[tokio::test]
async fn delivery_fails_after_the_last_attempt_until_its_retry() {
    let server = shared();
    let ann = server.register().await;
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    let webhook = Webhook::new(&ann, project, &receiver).await;
    receiver.reply(Reply::status(503));
    ann.task(project, json!({})).await;
    let failed = webhook.newest_is(&ann, "failed", 4).await;
    assert_eq!((&failed["last_status"], &failed["next_attempt_at"]), (&json!(503), &Value::Null));
    assert_eq!(failed["last_error"], "the receiver answered 503");
    receiver.wait_for(4).await;

    // The schedule begins anew, and the attempts count on.
    receiver.reply_once([Reply::status(500)]);
    receiver.reply(Reply::status(200));
    assert_eq!(retry(&ann, &failed).await.expect(202).data(), Value::Null);
    let delivered = webhook.newest_is(&ann, "delivered", 6).await;
    assert_eq!((&delivered["id"], &delivered["created_at"]), (&failed["id"], &failed["created_at"]));

    // What was delivered can be sent again, too.
    retry(&ann, &delivered).await.expect(202);
    webhook.newest_is(&ann, "delivered", 7).await;
    let sent = receiver.wait_for(7).await;
    assert!(sent.iter().all(|attempt| attempt.id() == sent[0].id()), "{sent:#?}");
    // Nothing else was held up by it.
    let task = ann.task(project, json!({})).await;
    assert_eq!(webhook.newest_is(&ann, "delivered", 1).await["type"], "task.created");
    assert_eq!(receiver.wait_for(8).await[7].json()["data"]["task"]["id"], task);
}

#[tokio::test]
async fn receiver_puts_off_an_attempt_and_its_owner_brings_it_back() {
    let server = shared();
    let ann = server.register().await;
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    let webhook = Webhook::new(&ann, project, &receiver).await;
    let wait = |seconds: &str| Reply::status(429).header("Retry-After", seconds);
    receiver.reply_once([wait("2"), wait(AN_HOUR)]);
    ann.task(project, json!({})).await;
    let sent = receiver.wait_for(2).await;
    assert!(sent[1].at - sent[0].at >= Duration::from_secs(2));
    let pending = webhook.newest_is(&ann, "pending", 2).await;
    let wait = timestamp(&pending["next_attempt_at"]) - timestamp(&pending["created_at"]);
    assert!(wait.num_seconds() >= 3600 && wait.num_seconds() < 3700, "{pending:#}");
    assert_eq!(pending["last_status"], 429);

    // Changes of the same task don't wait for it.
    let task = sent[0].json()["data"]["task"]["id"].clone();
    ann.patch(format!("/tasks/{task}"), json!({"title": "Dig"})).await.expect(200);
    receiver.wait_for(3).await;
    retry(&ann, &pending).await.expect(202);
    let sent = receiver.wait_for(4).await;
    assert_eq!((sent[3].id(), &sent[3].body), (sent[0].id(), &sent[0].body));
}

#[tokio::test]
async fn unreachable_receiver_is_reported_without_its_url() {
    let server = shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let body = json!({"url": format!("http://127.0.0.1:{port}/hook?key=sesame")});
    let webhook = Webhook::create(&ann, project, body).await;
    webhook.test(&ann).await.expect(202);
    let failed = webhook.newest_is(&ann, "failed", 4).await;
    assert_eq!(failed["last_status"], Value::Null);
    let error = failed["last_error"].as_str().unwrap();
    assert!(error.starts_with("no connection") && !error.contains("sesame"), "{error}");
}

#[tokio::test]
async fn deactivated_webhook_gives_up_what_waits() {
    let server = shared();
    let ann = server.register().await;
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    let webhook = Webhook::new(&ann, project, &receiver).await;
    receiver.reply_once([Reply::status(503).header("Retry-After", AN_HOUR)]);
    ann.task(project, json!({})).await;
    webhook.newest_is(&ann, "pending", 1).await;
    assert_eq!(webhook.set_active(&ann, false).await.expect(200).data()["is_active"], false);
    let failed = webhook.newest_is(&ann, "failed", 1).await;
    assert_eq!((&failed["next_attempt_at"], &failed["last_status"]), (&Value::Null, &json!(503)));
    assert_eq!(failed["last_error"], "the webhook is not active");
    webhook.test(&ann).await.refused(409, "conflict");
    retry(&ann, &failed).await.refused(409, "conflict");

    // What happens meanwhile is not delivered later.
    ann.task(project, json!({})).await;
    webhook.set_active(&ann, true).await.expect(200);
    let task = ann.task(project, json!({})).await;
    receiver.next().await;
    assert_eq!(changed(&receiver, &webhook, "task.created", &ann).await["id"], task);
    assert_eq!(webhook.deliveries(&ann).await.len(), 2);
}
