//! A server that is killed between a change and its deliveries.

use super::{Webhook, installation};
use fasttrack_tests::{Receiver, Reply, eventually};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread")]
async fn kills_lose_no_delivery() {
    const ROUNDS: usize = 5;
    let installation = installation();
    let mut server = installation.start();
    let ann = server.register().await;
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    // Attempts take long enough that kills interrupt some.
    receiver.reply(Reply::status(204).after(Duration::from_millis(20)));
    let webhook = Webhook::new(&ann, project, &receiver).await;
    let mut created = BTreeSet::new();
    for _ in 0..ROUNDS {
        let account = ann.on(&server);
        let mut requests = JoinSet::new();
        for _ in 0..16 {
            let new = account.post(format!("/projects/{project}/tasks"), json!({"title": "Dig"}));
            requests.spawn(new.try_send());
        }
        for _ in 0..6 {
            created.insert(requests.join_next().await.unwrap().unwrap().unwrap().expect(201).id());
        }
        server.kill();
        while let Some(answer) = requests.join_next().await {
            created.extend(answer.unwrap().map(|answer| answer.expect(201).id()));
        }
        // The lease of the killed server ends after 20 seconds.
        installation.sql("UPDATE webhooks SET leased_until = created_at WHERE leased_until IS NOT NULL");
        server = installation.start();
    }

    // Each task has one message, which may have been sent more than once.
    let mut messages = BTreeMap::<i64, BTreeSet<String>>::new();
    eventually("every task has arrived", async || {
        messages.clear();
        for sent in receiver.received() {
            let task = sent.json()["data"]["task"]["id"].as_i64().unwrap();
            messages.entry(task).or_default().insert(sent.id().to_owned());
        }
        created.iter().all(|task| messages.contains_key(task))
    })
    .await;
    assert!(messages.values().all(|ids| ids.len() == 1), "{messages:#?}");
    assert!(created.len() >= ROUNDS * 6);
    let ann = ann.on(&server);
    eventually("all are delivered", async || {
        webhook.deliveries(&ann).await.iter().all(|delivery| delivery["status"] == "delivered")
    })
    .await;
}
