//! What a message contains.

use super::{AN_HOUR, Webhook, changed, genuine, retry, shared};
use fasttrack_tests::{Receiver, Reply, timestamp};
use serde_json::{Value, json};

/// A body is shorter.
const MAX_BYTES: usize = 20 * 1024;

/// Checks that a message has the beginning of a text, as much of it as fits.
#[track_caller]
fn is_cut(body: &str, cut: &Value, whole: &Value) {
    let (cut, whole) = (cut.as_str().unwrap(), whole.as_str().unwrap());
    // The longest character takes four bytes.
    assert!((MAX_BYTES - 4..MAX_BYTES).contains(&body.len()), "{}", body.len());
    assert!(whole.starts_with(cut) && cut.len() < whole.len(), "{} of {}", cut.len(), whole.len());
}

#[tokio::test]
async fn long_text_is_cut_to_below_20_kib() {
    let server = shared();
    let ann = server.register().await;
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    let webhook = Webhook::new(&ann, project, &receiver).await;
    let long = json!("🐢".repeat(10_000));
    let task = ann.task(project, json!({"description": long})).await;
    let sent = receiver.next().await;
    let data = genuine(&sent, &webhook, "task.created");
    assert_eq!((&data["truncated"], &data["task"]["id"]), (&json!(true), &json!(task)));
    is_cut(&sent.body, &data["task"]["description"], &long);

    // A quotation mark takes two bytes in JSON.
    let quotes = json!("\"🐢".repeat(5_000));
    ann.post(format!("/tasks/{task}/comments"), json!({"body": quotes})).await.expect(201);
    let sent = receiver.next().await;
    let data = genuine(&sent, &webhook, "comment.created");
    assert_eq!(data["truncated"], true);
    is_cut(&sent.body, &data["comment"]["body"], &quotes);

    // What fits is whole, and says nothing of this.
    let fitting = json!("x".repeat(10_000));
    ann.patch(format!("/tasks/{task}"), json!({"description": fitting})).await.expect(200);
    assert_eq!(changed(&receiver, &webhook, "task.updated", &ann).await["description"], fitting);
}

#[tokio::test]
async fn time_of_a_message_is_that_of_the_change() {
    let server = shared();
    let ann = server.register().await;
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    Webhook::new(&ann, project, &receiver).await;
    receiver.reply_once([Reply::status(500)]);
    ann.task(project, json!({})).await;
    let sent = receiver.wait_for(2).await;
    let message = sent[0].json();
    assert_eq!(timestamp(&message["timestamp"]), timestamp(&message["data"]["task"]["created_at"]));
    assert_eq!(sent[0].body, sent[1].body, "a further attempt has the same body");
}

#[tokio::test]
async fn erased_user_is_named_in_no_later_attempt() {
    let server = shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    ann.share(project, &bob, "editor").await;
    let webhook = Webhook::new(&ann, project, &receiver).await;
    receiver.reply_once([Reply::status(503).header("Retry-After", AN_HOUR)]);
    bob.task(project, json!({"assignee_id": bob.id})).await;
    assert_eq!(changed(&receiver, &webhook, "task.created", &bob).await["assignee"], bob.person());
    let delivery = webhook.newest_is(&ann, "pending", 1).await;
    bob.erase().await.expect(204);
    retry(&ann, &delivery).await.expect(202);

    let nobody = json!({"id": bob.id, "display_name": "Deleted user"});
    let sent = receiver.wait_for(2).await;
    let data = genuine(&sent[1], &webhook, "task.created");
    assert_eq!((&data["actor"], &data["task"]["assignee"]), (&nobody, &nobody));
    assert_eq!(sent[0].id(), sent[1].id());
    assert!(!sent[1].body.contains(bob.name()), "{}", sent[1].body);
}
