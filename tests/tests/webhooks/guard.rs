//! What webhooks are not sent to.

use super::{Webhook, installation};
use fasttrack_tests::{Account, Installation, Receiver, Server};
use serde_json::{Value, json};

/// Starts the server anew with these settings, and returns a client of it.
async fn restart(server: Server, account: &Account, settings: Installation) -> (Server, Account) {
    assert!(server.stop().await.success());
    let server = settings.start();
    let account = account.on(&server);
    (server, account)
}

/// Waits until a ping has failed, and returns why it could not be sent.
async fn refusal(owner: &Account, webhook: &Webhook) -> String {
    let failed = webhook.newest_is(owner, "failed", 4).await;
    assert_eq!(failed["last_status"], Value::Null, "{failed:#}");
    failed["last_error"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn address_is_judged_at_each_attempt() {
    let installation = installation();
    let server = installation.start();
    let (ann, receiver) = (server.register().await, Receiver::start().await);
    let (project, port) = (ann.project().await, receiver.port());
    let mut webhooks = Vec::new();
    for url in ["http://127.0.0.1", "https://127.0.0.1", "https://localhost"] {
        webhooks.push(Webhook::create(&ann, project, json!({"url": format!("{url}:{port}/hook")})).await);
    }
    // What was allowed once is not any more.
    let settings = installation.without("WEBHOOK_ALLOW_NETWORKS");
    let (_server, ann) = restart(server, &ann, settings).await;
    for webhook in &webhooks {
        webhook.test(&ann).await.expect(202);
    }
    assert_eq!(refusal(&ann, &webhooks[0]).await, "the URL must be an https:// address");
    for webhook in &webhooks[1..] {
        assert_eq!(refusal(&ann, webhook).await, "the address is not public");
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn name_is_judged_by_the_addresses_that_it_has() {
    let installation = installation();
    let server = installation.start();
    let (ann, receiver) = (server.register().await, Receiver::start().await);
    let url = format!("http://localhost:{}/hook", receiver.port());
    let webhook = Webhook::create(&ann, ann.project().await, json!({"url": url})).await;
    webhook.test(&ann).await.expect(202);
    webhook.newest_is(&ann, "delivered", 1).await;
    let connections = receiver.connections();
    assert_eq!((connections, receiver.received().len()), (1, 1));

    // The name stands for an address that is allowed, and for one that is not any more.
    let settings = installation.with("WEBHOOK_ALLOW_NETWORKS", "::1/128");
    let (_server, ann) = restart(server, &ann, settings).await;
    webhook.test(&ann).await.expect(202);
    refusal(&ann, &webhook).await;
    assert_eq!(receiver.connections(), connections);
}
