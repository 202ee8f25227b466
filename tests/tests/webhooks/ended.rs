//! Webhooks that the receiver or the server ends, and what needs mails.

use super::{AN_HOUR, Webhook, changed, installation, retry, shared, without};
use fasttrack_tests::{Installation, Mailbox, Receiver, Reply, eventually};
use serde_json::{Value, json};

#[tokio::test]
async fn receiver_that_is_gone_ends_the_webhook() {
    let server = shared();
    let ann = server.register().await;
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    let webhook = Webhook::new(&ann, project, &receiver).await;
    receiver.reply_once([Reply::status(503).header("Retry-After", AN_HOUR), Reply::status(410)]);
    ann.task(project, json!({})).await;
    webhook.newest_is(&ann, "pending", 1).await;
    ann.task(project, json!({})).await;
    eventually("the webhook has ended", async || !webhook.is_active(&ann).await).await;
    let deliveries = webhook.deliveries(&ann).await;
    let [gone, waiting] = &deliveries[..] else { panic!("{deliveries:#?}") };
    for (delivery, status, error) in [(gone, 410, "the receiver answered 410"), (waiting, 503, "the webhook was ended")]
    {
        assert_eq!((&delivery["status"], &delivery["last_status"]), (&json!("failed"), &json!(status)));
        assert_eq!((&delivery["last_error"], &delivery["attempts"]), (&json!(error), &json!(1)));
        assert_eq!(delivery["next_attempt_at"], Value::Null);
    }
    ann.task(project, json!({})).await;
    webhook.test(&ann).await.refused(409, "conflict");
    retry(&ann, waiting).await.refused(409, "conflict");

    webhook.set_active(&ann, true).await.expect(200);
    let task = ann.task(project, json!({})).await;
    let sent = receiver.wait_for(3).await;
    assert_eq!(sent[2].json()["data"]["task"]["id"], task);
    retry(&ann, waiting).await.expect(202);
    assert_eq!(receiver.wait_for(4).await[3].id(), sent[0].id());
}

/// Makes all failing webhooks fail for six days already.
fn six_days_pass(installation: &Installation) {
    let days = if installation.is_on_postgres() { "interval '6 days'" } else { "518400000000" };
    installation.sql(&format!("UPDATE webhooks SET failing_since = failing_since - {days}"));
}

#[tokio::test]
async fn five_days_of_failures_end_the_webhook_by_mail() {
    let mailbox = Mailbox::start();
    // One attempt, as the next one is far away.
    let server = mailbox.receiving(installation().with("WEBHOOK_RETRY_SECONDS", AN_HOUR)).start();
    let ann = server.register().await;
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    let webhook = Webhook::new(&ann, project, &receiver).await;
    receiver.reply_once([Reply::status(500), Reply::status(204), Reply::status(500), Reply::status(500)]);
    let attempt = async |status: &str| {
        webhook.test(&ann).await.expect(202);
        webhook.newest_is(&ann, status, 1).await
    };
    // A success in between begins it anew.
    attempt("pending").await;
    six_days_pass(server.installation());
    attempt("delivered").await;
    attempt("pending").await;
    assert!(webhook.is_active(&ann).await);
    six_days_pass(server.installation());
    let last = attempt("failed").await;
    assert_eq!((&last["last_status"], &last["next_attempt_at"]), (&json!(500), &Value::Null));
    assert!(!webhook.is_active(&ann).await);
    let deliveries = webhook.deliveries(&ann).await;
    let count = |status: &str| deliveries.iter().filter(|delivery| delivery["status"] == status).count();
    assert_eq!((count("failed"), count("delivered")), (3, 1), "{deliveries:#?}");

    let mail = mailbox.wait_for(&ann.email, 1).await.pop().unwrap();
    assert_eq!(mail.subject(), "A webhook was ended in the project “Garden”");
    let text = mail.text();
    assert!(text.contains("127") && !text.contains("sesame"), "{text}");

    // It works again once its owner says so.
    webhook.set_active(&ann, true).await.expect(200);
    attempt("delivered").await;
}

#[tokio::test]
async fn accepted_invitation_is_delivered() {
    let mailbox = Mailbox::start();
    let server = mailbox.receiving(installation()).start();
    let (ann, bob) = (server.register().await, server.register().await);
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    let webhook = Webhook::new(&ann, project, &receiver).await;
    ann.invite(project, &bob.email, "commenter").await;
    bob.accept(&mailbox.token(&bob.email, 1).await).await.expect(200);
    let members = ann.get(format!("/projects/{project}/members")).await.expect(200).items();
    let bob_there = members.into_iter().find(|member| member["user_id"] == bob.id).unwrap();
    assert_eq!(changed(&receiver, &webhook, "member.added", &bob).await, without(without(bob_there, "email"), "role"));
}
