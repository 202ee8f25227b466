//! Tasks that several requests put under others at once.

use super::{ids, shown, walk};
use fasttrack_tests::{Account, Answer, Request, Server, all};
use serde_json::{Value, json};
use std::collections::HashMap;

const ROUNDS: usize = 8;

fn put_under(account: &Account, task: i64, parent: i64) -> Request {
    account.patch(format!("/tasks/{task}"), json!({"parent_id": parent}))
}

/// Sends two requests at once and returns both responses, in this order.
async fn both(first: Request, second: Request) -> [Answer; 2] {
    let (first, second) = tokio::join!(first.into_future(), second.into_future());
    [first, second]
}

/// Fails unless every parent is there, no task is under itself, and there are at most five levels.
async fn is_lawful(reader: &Account, project: i64) {
    let items = walk(reader, &format!("/projects/{project}/tasks"), "limit=100").await;
    let parents: HashMap<_, _> =
        ids(&items).into_iter().zip(items.iter().map(|item| item["parent_id"].as_i64())).collect();
    for task in parents.keys() {
        let (mut current, mut levels) = (*task, 1);
        while let Some(parent) = parents[&current] {
            assert!(parents.contains_key(&parent), "{parent} is missing: {parents:?}");
            (current, levels) = (parent, levels + 1);
            assert!(levels <= 5, "{parents:?}");
        }
    }
}

#[tokio::test]
async fn one_of_two_tasks_is_put_under_the_other() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    for _ in 0..ROUNDS {
        let (one, two) = (ann.task(project, json!({})).await, ann.task(project, json!({})).await);
        let answers = both(put_under(&ann, one, two), put_under(&ann, two, one)).await;
        let [first, second] = answers;
        match (first.status, second.status) {
            (200, 400) => drop(second.invalid_as("parent_id", "cycle")),
            (400, 200) => drop(first.invalid_as("parent_id", "cycle")),
            other => panic!("{other:?}"),
        }
    }
    is_lawful(&ann, project).await;
}

#[tokio::test]
async fn no_circle_comes_of_many_moves_at_once() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let tasks = super::tasks(&ann, project, vec![json!({}); 6]).await;
    for round in 0..ROUNDS {
        let moves = (0..18).map(|n| put_under(&ann, tasks[n % 6], tasks[(n + 1 + (n + round) % 5) % 6]));
        for answer in all(moves).await {
            if answer.status != 200 {
                let code = answer.json()["error"]["details"][0]["code"].clone();
                assert!(["cycle", "too_deep"].contains(&code.as_str().unwrap_or_default()), "{answer:#?}");
            }
        }
        is_lawful(&ann, project).await;
        for task in &tasks {
            ann.patch(format!("/tasks/{task}"), json!({"parent_id": null})).await.expect(200);
        }
    }
}

#[tokio::test]
async fn levels_grow_from_above_or_from_below() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let list = format!("/projects/{project}/tasks");
    for _ in 0..ROUNDS {
        let mut chains = Vec::new();
        for length in [2, 3] {
            let (mut chain, mut parent) = (Vec::new(), Value::Null);
            for _ in 0..length {
                chain.push(ann.task(project, json!({"parent_id": parent})).await);
                parent = json!(chain.last());
            }
            chains.push(chain);
        }
        let [upper, lower] = &chains[..] else { unreachable!() };
        // Each alone makes five levels, or four.
        let deeper = ann.post(&list, json!({"title": "Dig", "parent_id": lower[2]}));
        let [moved, created] = both(put_under(&ann, lower[0], upper[1]), deeper).await;
        match (moved.status, created.status) {
            (200, 400) => drop(created.invalid_as("parent_id", "too_deep")),
            (400, 201) => drop(moved.invalid_as("parent_id", "too_deep")),
            other => panic!("{other:?}"),
        }
    }
    is_lawful(&ann, project).await;
}

#[tokio::test]
async fn no_task_stays_under_one_that_is_deleted_meanwhile() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let list = format!("/projects/{project}/tasks");
    for _ in 0..ROUNDS {
        let (parent, other) = (ann.task(project, json!({})).await, ann.task(project, json!({})).await);
        let under = ann.task(project, json!({"parent_id": parent})).await;
        let deletion = ann.delete(format!("/tasks/{parent}"));
        let creations = (0..4).map(|_| ann.post(&list, json!({"title": "Dig", "parent_id": under})));
        let changes = [put_under(&ann, other, under), ann.patch(format!("/tasks/{under}"), json!({"title": "Mow"}))];
        let requests: Vec<_> = creations.chain([deletion]).chain(changes).collect();
        for answer in all(requests).await {
            match answer.status {
                200 | 201 | 204 => {}
                404 => drop(answer.refused(404, "not_found")),
                _ => drop(answer.invalid_as("parent_id", "unknown_task")),
            }
        }
        ann.get(format!("/tasks/{under}")).await.refused(404, "not_found");
        is_lawful(&ann, project).await;
        // The other one went along, or stayed where it was.
        if ann.get(format!("/tasks/{other}")).await.status == 200 {
            assert_eq!(shown(&ann, other).await["parent_id"], Value::Null);
            ann.delete(format!("/tasks/{other}")).await.expect(204);
        }
    }
    assert_eq!(walk(&ann, &list, "limit=100").await, [] as [Value; 0]);
}
