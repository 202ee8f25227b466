//! Acknowledged writes survive a kill of the process.

use fasttrack_tests::{Account, Installation, MISSING};
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc};
use tokio::{sync::mpsc, task::JoinSet};

/// Creates tasks one after the other until the server is gone, and sends each acknowledged one.
async fn create_until_death(
    account: Arc<Account>,
    project: i64,
    writer: usize,
    acknowledged: mpsc::Sender<(i64, String)>,
) {
    for n in 0.. {
        let title = format!("{writer}/{n}");
        let Some(answer) = account.post(format!("/projects/{project}/tasks"), json!({"title": title})).try_send().await
        else {
            return;
        };
        if acknowledged.send((answer.expect(201).id(), title)).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn kill_under_64_writers_loses_no_acknowledged_row() {
    let installation = Installation::new();
    for kill_after in [1, 64, 300] {
        let server = installation.start();
        let ann = Arc::new(server.register().await);
        let project = ann.project().await;
        let (sender, mut receiver) = mpsc::channel(1);
        let writers = (0..64).map(|n| create_until_death(Arc::clone(&ann), project, n, sender.clone()));
        let writers: JoinSet<_> = writers.collect();
        drop(sender);

        let mut acknowledged = BTreeMap::new();
        while acknowledged.len() < kill_after {
            let (id, title) = receiver.recv().await.unwrap();
            assert_eq!(acknowledged.insert(id, title), None);
        }
        server.kill();
        while let Some((id, title)) = receiver.recv().await {
            assert_eq!(acknowledged.insert(id, title), None);
        }
        writers.join_all().await;

        let server = installation.start();
        let client = server.anonymous().with_token(&ann.access_token);
        for (id, title) in &acknowledged {
            let task = client.get(format!("/tasks/{id}")).await.expect(200).data();
            assert_eq!((task["title"].as_str(), task["version"].as_i64()), (Some(title.as_str()), Some(1)));
        }
        // The half-done rest is no obstacle, and no id is given out again.
        let path = format!("/projects/{project}/tasks");
        let next = client.post(path, json!({"title": "next"})).await.expect(201).id();
        assert!(next > *acknowledged.keys().last().unwrap());
    }
}

#[tokio::test]
async fn updates_and_deletions_survive_a_kill() {
    let installation = Installation::new();
    let server = installation.start();
    let ann = server.register().await;
    let project = ann.project().await;
    let (kept, deleted) = (ann.task(project, json!({})).await, ann.task(project, json!({})).await);
    let comment = ann.comment(kept).await;
    ann.delete(format!("/tasks/{deleted}")).await.expect(204);
    let after = ann.patch(format!("/tasks/{kept}"), json!({"status": "in_progress"})).await.expect(200).data();
    server.kill();

    let server = installation.start();
    let client = server.anonymous().with_token(&ann.access_token);
    assert_eq!(client.get(format!("/tasks/{kept}")).await.expect(200).data(), after);
    assert_eq!(client.get(format!("/tasks/{kept}/comments")).await.expect(200).ids(), [comment]);
    for gone in [deleted, MISSING] {
        client.get(format!("/tasks/{gone}")).await.refused(404, "not_found");
    }
}
