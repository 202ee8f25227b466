//! Concurrent changes of todos.

use super::{get, inbox, path, todo};
use fasttrack_tests::{Server, all};
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test]
async fn concurrent_toggles_all_count() {
    let server = Server::shared();
    let ann = server.register().await;
    for toggles in [50, 51] {
        let one = todo(&ann, json!({})).await;
        let answers = all((0..toggles).map(|_| ann.request(Method::PATCH, format!("{one}/complete")))).await;
        let versions: BTreeSet<_> = answers
            .into_iter()
            .map(|answer| {
                let answer = answer.expect(200);
                let version: i64 = answer.etag().trim_matches('"').parse().unwrap();
                // Each toggled what the one before had left.
                assert_eq!(answer.json()["completed"], version % 2 == 0);
                version
            })
            .collect();
        assert_eq!(versions, (2..=toggles + 1).collect());
        assert_eq!(get(&ann, &one).await["completed"], toggles % 2 == 1);
    }
}

#[tokio::test]
async fn concurrent_first_todos_create_one_inbox() {
    let server = Server::shared();
    for _ in 0..3 {
        let ann = server.register().await;
        let made = all((0..20).map(|n| ann.post(path(&ann), json!({"title": format!("{n}")})))).await;
        let mut inboxes = BTreeSet::new();
        for made in made {
            inboxes.insert(inbox(&ann, made.expect(201).header("location").unwrap()).await);
        }
        assert_eq!(inboxes.len(), 1);
        assert_eq!(ann.get("/projects").await.expect(200).ids(), inboxes.into_iter().collect::<Vec<_>>());
        assert_eq!(ann.get(path(&ann)).await.expect(200).json().as_array().unwrap().len(), 20);
    }
}

#[tokio::test]
async fn concurrent_patches_and_toggles_all_apply() {
    let server = Server::shared();
    let ann = server.register().await;
    let one = todo(&ann, json!({})).await;
    let requests = [
        ann.patch(&one, json!({"title": "Dig"})),
        ann.patch(&one, json!({"description": "Deep"})),
        ann.request(Method::PATCH, format!("{one}/complete")),
    ];
    for answer in all(requests).await {
        answer.expect(200);
    }
    let after = ann.get(&one).await.expect(200);
    assert_eq!(after.etag(), r#""4""#);
    let after = after.json();
    assert_eq!((&after["title"], &after["description"]), (&json!("Dig"), &json!("Deep")));
    assert_eq!(after["completed"], true);
}

#[tokio::test]
async fn inbox_deletion_loses_only_its_own_todos() {
    let server = Server::shared();
    let ann = server.register().await;
    for _ in 0..5 {
        let doomed = inbox(&ann, &todo(&ann, json!({})).await).await;
        let remove = ann.delete(format!("/projects/{doomed}"));
        let add = (0..8).map(|n| ann.post(path(&ann), json!({"title": format!("{n}")})));
        for answer in all(add.chain([remove])).await {
            assert!([201, 204].contains(&answer.status), "{answer:#?}");
        }
        assert!(ann.get("/projects").await.expect(200).ids().len() <= 1);
    }
}

#[tokio::test]
async fn one_of_concurrent_todo_deletions_succeeds() {
    let server = Server::shared();
    let ann = server.register().await;
    let one = todo(&ann, json!({})).await;
    let answers = all((0..8).map(|_| ann.delete(&one))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 204);
    assert_eq!((won.len(), lost.len()), (1, 7));
    for answer in lost {
        answer.problem(404, "not_found");
    }
}
