//! Order, and receivers that are slow.

use super::{Webhook, changed, installation, shared};
use fasttrack_tests::{Receiver, Reply, SOON, Sent, all};
use serde_json::json;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_a_task_arrive_in_their_order() {
    const TASKS: usize = 6;
    const CHANGES: usize = 8;
    let server = shared();
    let ann = server.register().await;
    let (project, receiver) = (ann.project().await, Receiver::start().await);
    let webhook = Webhook::new(&ann, project, &receiver).await;
    // Some answers take longer than others.
    let delays = (0..).map(|n| Reply::status(204).after(Duration::from_millis(n * 7 % 30)));
    receiver.reply_once(delays.take(TASKS * (1 + CHANGES)));
    let change = async |n: usize| {
        let task = ann.task(project, json!({"title": format!("Task {n}")})).await;
        for change in 0..CHANGES {
            ann.patch(format!("/tasks/{task}"), json!({"title": format!("Change {change}")})).await.expect(200);
        }
    };
    tokio::join!(change(0), change(1), change(2), change(3), change(4), change(5));

    let sent = receiver.wait_for(TASKS * (1 + CHANGES)).await;
    let mut versions = BTreeMap::<i64, Vec<i64>>::new();
    for message in sent.iter().map(Sent::json) {
        let task = &message["data"]["task"];
        versions.entry(task["id"].as_i64().unwrap()).or_default().push(task["version"].as_i64().unwrap());
    }
    assert_eq!(versions.len(), TASKS);
    for (task, versions) in versions {
        assert!(versions.iter().copied().eq((1..).take(1 + CHANGES)), "{task}: {versions:?}");
    }
    assert_eq!(webhook.newest_is(&ann, "delivered", 1).await["last_error"], json!(null));
}

#[tokio::test]
async fn receivers_that_never_answer_delay_no_other() {
    let server = installation().start();
    let ann = server.register().await;
    let (silent, fast) = (Receiver::start().await, Receiver::start().await);
    silent.reply(Reply::silence());
    let busy = ann.project().await;
    let mut projects = vec![busy];
    for _ in 0..4 {
        projects.push(ann.project().await);
    }
    let webhook = Webhook::new(&ann, busy, &fast).await;
    let body = json!({"url": silent.url()});
    let others = projects.iter().flat_map(|project| vec![format!("/projects/{project}/webhooks"); 19]);
    for answer in all(others.map(|path| ann.post(path, body.clone()))).await {
        answer.expect(201);
    }
    for project in &projects {
        ann.task(*project, json!({})).await;
    }
    silent.wait_for(95).await;
    changed(&fast, &webhook, "task.created", &ann).await;
    for _ in 0..5 {
        let begin = Instant::now();
        let task = ann.task(busy, json!({})).await;
        assert_eq!(changed(&fast, &webhook, "task.created", &ann).await["id"], task);
        assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    }
}
