//! Bulk creations that are repeated, compete for a quota, or end with a kill.

use super::{ids, order, walk};
use fasttrack_tests::{Account, Installation, PASSWORD, Request, Server, all};
use serde_json::{Value, json};
use tokio::task::JoinSet;

fn create(account: &Account, project: i64, count: usize, title: &str) -> Request {
    let tasks = vec![json!({"title": title}); count];
    account.post(format!("/projects/{project}/tasks/bulk"), json!({"tasks": tasks}))
}

async fn stored(account: &Account, project: i64) -> Vec<Value> {
    walk(account, &format!("/projects/{project}/tasks"), "limit=100").await
}

#[tokio::test]
async fn repeated_bulk_creation_gets_first_response() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let keyed = |count, title| create(&ann, project, count, title).header("idempotency-key", "bulk").into_future();
    let first = keyed(3, "Dig").await.expect(201);
    assert_eq!(first.header("idempotency-replayed"), None);
    ann.patch(format!("/tasks/{}", first.items()[1]["id"]), json!({"title": "Mow"})).await.expect(200);
    ann.delete(format!("/tasks/{}", first.items()[2]["id"])).await.expect(204);
    let again = keyed(3, "Dig").await.expect(201);
    assert_eq!((again.header("idempotency-replayed"), again.data()), (Some("true"), first.data()));
    keyed(2, "Dig").await.refused(422, "idempotency_key_reused");
    keyed(3, "Mow").await.refused(422, "idempotency_key_reused");
    let single = ann.post(format!("/projects/{project}/tasks"), json!({"title": "Dig"}));
    single.header("idempotency-key", "bulk").await.refused(422, "idempotency_key_reused");
    assert_eq!(stored(&ann, project).await.len(), 2);
    let wrong = create(&ann, project, 1, "Dig").header("idempotency-key", "a b").await;
    wrong.invalid(&["header.idempotency-key"]);
    // A refusal is not kept.
    let refused = create(&ann, project, 1, "").header("idempotency-key", "refused").await;
    refused.invalid(&["tasks.0.title"]);
    create(&ann, project, 1, "Dig").header("idempotency-key", "refused").await.expect(201);
}

#[tokio::test]
async fn bulk_creations_with_one_key_create_once() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let requests = (0..12).map(|_| create(&ann, project, 20, "Dig").header("idempotency-key", "once"));
    let answers: Vec<_> = all(requests).await.into_iter().map(|answer| answer.expect(201)).collect();
    let replayed = answers.iter().filter(|answer| answer.header("idempotency-replayed").is_some()).count();
    assert_eq!(replayed, 11);
    let made = stored(&ann, project).await;
    assert_eq!(made.len(), 20);
    assert!(answers.iter().all(|answer| answer.items() == made));
}

#[tokio::test]
async fn whoever_lost_the_right_gets_no_replay() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "editor").await;
    let keyed = || create(&bob, project, 2, "Dig").header("idempotency-key", "bulk").into_future();
    keyed().await.expect(201);
    ann.share(project, &bob, "viewer").await;
    keyed().await.refused(403, "forbidden");
    assert_eq!(stored(&ann, project).await.len(), 2);
}

#[tokio::test]
async fn quota_takes_all_tasks_of_a_request_or_none() {
    let server = Installation::new().with("MAX_TASKS_PER_PROJECT", "10").start();
    let ann = server.register().await;
    let project = ann.project().await;
    create(&ann, project, 11, "Dig").await.refused(409, "quota_exceeded");
    create(&ann, project, 8, "Dig").await.expect(201);
    let refused = create(&ann, project, 3, "Dig").await.refused(409, "quota_exceeded");
    assert!(refused.json()["error"]["message"].as_str().unwrap().contains("10 tasks"), "{refused:#?}");
    assert_eq!(stored(&ann, project).await.len(), 8);
    create(&ann, project, 2, "Dig").await.expect(201);

    // At once, as many as fit.
    let another = ann.project().await;
    let answers = all((0..8).map(|_| create(&ann, another, 3, "Dig"))).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (3, 5));
    for answer in refused {
        answer.refused(409, "quota_exceeded");
    }
    assert_eq!(stored(&ann, another).await.len(), 9);
}

#[tokio::test]
async fn concurrent_bulk_creations_keep_their_order() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let singles = (0..10).map(|_| ann.post(format!("/projects/{project}/tasks"), json!({"title": "Single"})));
    let bulks: Vec<_> = (0..6).map(|n| create(&ann, project, 25, &format!("Bulk {n}"))).collect();
    let mut made = 0;
    for answer in all(bulks.into_iter().chain(singles)).await {
        let answer = answer.expect(201);
        if let Some(items) = answer.data()["items"].as_array() {
            let ids = ids(items);
            assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
            made += ids.len();
        }
    }
    let by_id = ids(&stored(&ann, project).await);
    assert_eq!((made, by_id.len()), (150, 160));
    assert_eq!(order(&ann, project).await, by_id);
}

#[tokio::test]
async fn killed_server_made_all_tasks_of_a_request_or_none() {
    const SIZE: usize = 50;
    let installation = Installation::new();
    for round in 0..4_usize {
        let server = installation.start();
        let ann = server.register().await;
        let project = ann.project().await;
        let keyed = |ann: &Account, n: usize| {
            create(ann, project, SIZE, &format!("Bulk {n}")).header("idempotency-key", format!("bulk-{n}"))
        };
        let mut pending = JoinSet::new();
        for n in 0..8 {
            let request = keyed(&ann, n);
            pending.spawn(async move { (n, request.try_send().await) });
        }
        // In the midst of them, a little later each time.
        let mut acknowledged = Vec::new();
        for _ in 0..2 * round {
            acknowledged.extend(pending.join_next().await.map(Result::unwrap));
        }
        server.kill();
        acknowledged.extend(pending.join_all().await);

        let server = installation.start();
        let ann = Account::log_in(&server.anonymous(), &ann.email, PASSWORD).await;
        assert_eq!(stored(&ann, project).await.len() % SIZE, 0);
        for n in 0..8 {
            let again = keyed(&ann, n).await.expect(201);
            for first in acknowledged.iter().filter(|(of, _)| *of == n).filter_map(|(_, answer)| answer.as_ref()) {
                assert_eq!((again.data(), again.header("idempotency-replayed")), (first.data(), Some("true")));
            }
        }
        let made = stored(&ann, project).await;
        assert_eq!(made.len(), 8 * SIZE);
        for n in 0..8 {
            let title = format!("Bulk {n}");
            assert_eq!(made.iter().filter(|task| task["title"] == title).count(), SIZE);
        }
    }
}
