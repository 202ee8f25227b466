//! Tests that an owner sends, and the list of deliveries.

use super::{Webhook, genuine, retry, shared};
use fasttrack_tests::{MISSING, Receiver, Reply, all, has_fields, timestamp};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn test_sends_a_ping_whatever_the_types() {
    let server = shared();
    let ann = server.register().await;
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    let body = json!({"url": receiver.url(), "types": ["member.added"]});
    let webhook = Webhook::create(&ann, project, body).await;
    assert!(webhook.deliveries(&ann).await.is_empty());
    assert_eq!(webhook.test(&ann).await.expect(202).data(), Value::Null);
    let sent = receiver.next().await;
    assert_eq!(genuine(&sent, &webhook, "ping"), json!({"webhook_id": webhook.id}));

    let delivery = webhook.newest_is(&ann, "delivered", 1).await;
    let fields = ["id", "webhook_id", "type", "status", "attempts", "last_status", "last_error"];
    has_fields(&delivery, &[&fields[..], &["next_attempt_at", "created_at"]].concat());
    assert_eq!((&delivery["webhook_id"], &delivery["type"]), (&json!(webhook.id), &json!("ping")));
    assert_eq!((&delivery["last_status"], &delivery["last_error"]), (&json!(204), &Value::Null));
    assert_eq!(delivery["next_attempt_at"], Value::Null);
    assert_eq!(timestamp(&delivery["created_at"]), timestamp(&sent.json()["timestamp"]));
}

#[tokio::test]
async fn deliveries_are_listed_newest_first_in_pages() {
    let server = shared();
    let ann = server.register().await;
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    let webhook = Webhook::new(&ann, project, &receiver).await;
    for _ in 0..3 {
        webhook.test(&ann).await.expect(202);
        receiver.next().await;
    }
    let list = format!("{}/deliveries", webhook.path());
    let all = ann.get(&list).await.expect(200).ids();
    assert!(all.len() == 3 && all.is_sorted_by(|one, next| one > next), "{all:?}");
    let page = ann.get(format!("{list}?limit=2")).await.expect(200);
    assert_eq!((page.ids(), &page.data()["has_more"]), (all[..2].to_vec(), &json!(true)));
    let cursor = page.data()["next_cursor"].as_str().unwrap().to_owned();
    // What comes meanwhile is on no later page.
    webhook.test(&ann).await.expect(202);
    let rest = ann.get(format!("{list}?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!((rest.ids(), &rest.data()["next_cursor"]), (all[2..].to_vec(), &Value::Null));
    ann.get(format!("{list}?cursor=x")).await.refused(400, "invalid_cursor");
}

#[tokio::test]
async fn at_most_10_pings_wait() {
    let server = shared();
    let ann = server.register().await;
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    receiver.reply(Reply::silence());
    let webhook = Webhook::new(&ann, project, &receiver).await;
    let answers = all((0..12).map(|_| webhook.test(&ann))).await;
    let (sent, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 202);
    assert_eq!((sent.len(), refused.len()), (10, 2));
    for answer in refused {
        answer.refused(409, "quota_exceeded");
    }
    // They wait for each other, and nothing else does.
    ann.task(project, json!({})).await;
    let sent = receiver.wait_for(2).await;
    let types = [&sent[0], &sent[1]].map(|message| message.json()["type"].take());
    assert_eq!(types, ["ping", "task.created"]);
}

#[tokio::test]
async fn only_the_owner_tests_lists_and_retries() {
    let server = shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    ann.share(project, &bob, "editor").await;
    let webhook = Webhook::new(&ann, project, &receiver).await;
    webhook.test(&ann).await.expect(202);
    let delivery = webhook.newest_is(&ann, "delivered", 1).await;
    let path = webhook.path();
    for request in [
        webhook.test(&bob),
        retry(&bob, &delivery),
        bob.get(format!("{path}/deliveries")),
        bob.request(Method::POST, format!("{path}/rotate")),
        webhook.set_active(&bob, false),
        bob.delete(&path),
    ] {
        request.await.refused(403, "forbidden");
    }
    retry(&ann, &json!({"id": MISSING})).await.refused(404, "not_found");
    assert_eq!(receiver.received().len(), 1);
}
