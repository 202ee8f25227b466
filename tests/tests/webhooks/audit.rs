//! What the audit and the log keep of webhooks.

use super::{TYPES, Webhook, installation, retry};
use fasttrack_tests::{Receiver, eventually};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn acts_on_webhooks_are_audited_and_logged_without_secrets() {
    let server = installation().with("RUST_LOG", "info,fasttrack=debug").start();
    let (ann, admin) = (server.register().await, server.admin().await);
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    let webhook = Webhook::new(&ann, project, &receiver).await;
    webhook.test(&ann).await.expect(202);
    let delivery = webhook.newest_is(&ann, "delivered", 1).await;
    retry(&admin, &delivery).await.expect(202);
    let path = webhook.path();
    let rotated = admin.request(Method::POST, format!("{path}/rotate")).await.expect(200).data();
    let wrong = json!({"url": format!("{}&more", receiver.url()), "types": ["ping", "task.created"]});
    admin.patch(&path, wrong).await.invalid(&["types.0"]);
    let change = json!({"url": format!("{}&more", receiver.url()), "types": ["task.created"], "is_active": false});
    admin.patch(&path, change.clone()).await.expect(200);
    // What changes nothing is no act.
    admin.patch(&path, change).await.expect(200);
    ann.delete(&path).await.expect(204);

    let lines = admin.get(format!("/audit?object=webhook/{}", webhook.id)).await.expect(200).items();
    let url = format!("http://127.0.0.1:{}", receiver.port());
    let types = TYPES.join(" ");
    // Only the query of the URL is another.
    let changed = json!({"url": [url, url], "types": [types, "task.created"], "is_active": [true, false]});
    let expected = [
        ("webhook.deleted", &ann, json!({"url": [url, null], "project_id": [project, null]})),
        ("webhook.updated", &admin, changed),
        ("webhook.rotated", &admin, json!({})),
        ("delivery.retried", &admin, json!({"delivery_id": [null, delivery["id"]]})),
        ("webhook.tested", &ann, json!({})),
        ("webhook.created", &ann, json!({"url": [null, url], "types": [null, types], "project_id": [null, project]})),
    ];
    let told: Vec<_> = lines.iter().map(|line| json!([line["action"], line["actor_id"], line["changes"]])).collect();
    let expected: Vec<_> = expected.iter().map(|(action, actor, changes)| json!([action, actor.id, changes])).collect();
    assert_eq!(told, expected);

    let rotated = rotated["secret"].as_str().unwrap().to_owned();
    let secrets = [webhook.secret.clone(), rotated, "sesame".to_owned(), format!("{}/hook", receiver.port())];
    eventually("the last act is logged", async || server.log().contains("webhook.deleted")).await;
    for text in [server.log(), Value::from(lines).to_string()] {
        assert!(secrets.iter().all(|secret| !text.contains(secret.trim_start_matches("whsec_"))), "{text}");
    }
}
