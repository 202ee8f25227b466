//! The order that people give to the tasks of a project.

use super::{move_task, order, shown, tasks, version};
use fastrand::Rng;
use fasttrack_tests::{Account, MISSING, Server, all};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Returns the position of a task.
async fn position(reader: &Account, task: i64) -> String {
    shown(reader, task).await["position"].as_str().unwrap().to_owned()
}

/// Moves a task in the expected order as the server should.
fn apply(expected: &mut Vec<i64>, task: i64, place: &Value) {
    expected.retain(|other| *other != task);
    let find = |id: &Value| expected.iter().position(|other| *id == *other).unwrap();
    let target = match (place.get("after"), place.get("before")) {
        (Some(Value::Null), None) => 0,
        (Some(after), None) => find(after) + 1,
        (None, Some(before)) => find(before),
        other => panic!("{other:?}"),
    };
    expected.insert(target, task);
}

#[tokio::test]
async fn task_is_moved_to_the_front_behind_or_before_another() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let mut expected = tasks(&ann, project, vec![json!({}); 4]).await;
    assert_eq!(order(&ann, project).await, expected);
    let [a, b, c, d] = expected[..] else { unreachable!() };
    let mut versions = BTreeMap::from([(a, 1), (b, 1), (c, 1), (d, 1)]);
    for (task, place) in [
        (d, json!({"after": null})),
        (a, json!({"after": c})),
        (b, json!({"before": d})),
        (d, json!({"after": a})),
        (c, json!({"before": a})),
        (c, json!({"before": b})),
        (b, json!({"after": d})),
        (b, json!({"after": null})),
    ] {
        let moved = move_task(&ann, task, place.clone()).await.expect(200);
        apply(&mut expected, task, &place);
        assert_eq!(order(&ann, project).await, expected, "{task} {place}");
        *versions.get_mut(&task).unwrap() += 1;
        assert_eq!((moved.id(), &moved.data()["version"]), (task, &json!(versions[&task])));
        assert_eq!(shown(&ann, task).await, moved.data());
        // One row changes, and positions ascend by their bytes.
        let mut positions = Vec::new();
        for task in &expected {
            assert_eq!(version(&ann, *task).await, versions[task]);
            positions.push(position(&ann, *task).await);
        }
        assert!(positions.is_sorted_by(|a, b| a < b), "{positions:?}");
    }
}

#[tokio::test]
async fn new_task_comes_last() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let mut expected = tasks(&ann, project, vec![json!({}); 3]).await;
    for round in 0..6 {
        let (task, last) = (expected[round % 2], *expected.last().unwrap());
        for place in [json!({"after": last}), json!({"after": null}), json!({"after": last})] {
            move_task(&ann, task, place.clone()).await.expect(200);
            apply(&mut expected, task, &place);
        }
        expected.push(ann.task(project, json!({})).await);
        expected.extend(tasks(&ann, project, vec![json!({}); 2]).await);
        assert_eq!(order(&ann, project).await, expected);
    }
    let reversed: Vec<_> = expected.iter().rev().copied().collect();
    let listed = super::walk(&ann, &format!("/projects/{project}/tasks"), "sort=-position&limit=4").await;
    assert_eq!(super::ids(&listed), reversed);
}

#[tokio::test]
async fn move_names_exactly_one_place() {
    let server = Server::shared();
    let ann = server.register().await;
    let (project, another) = (ann.project().await, ann.project().await);
    let tasks = tasks(&ann, project, vec![json!({}); 2]).await;
    let [one, two] = tasks[..] else { unreachable!() };
    let elsewhere = ann.task(another, json!({})).await;
    for wrong in [json!({}), json!({"after": two, "before": two}), json!({"after": null, "before": two}), json!([])] {
        move_task(&ann, one, wrong).await.refused(400, "validation_failed");
    }
    for (wrong, field) in [
        (json!({"before": null}), "before"),
        (json!({"before": "1"}), "before"),
        (json!({"after": "1"}), "after"),
        (json!({"after": 1.5}), "after"),
        (json!({"after": [two]}), "after"),
        (json!({"after": true}), "after"),
        (json!({"after": two, "position": "1"}), "position"),
    ] {
        move_task(&ann, one, wrong).await.invalid(&[field]);
    }
    for unknown in [elsewhere, MISSING, 0, -1] {
        move_task(&ann, one, json!({"after": unknown})).await.invalid_as("after", "unknown_task");
        move_task(&ann, one, json!({"before": unknown})).await.invalid_as("before", "unknown_task");
    }
    ann.post("/tasks/x/move", json!({"after": "x"})).await.invalid(&["path.id", "after"]);
    move_task(&ann, MISSING, json!({"after": null})).await.refused(404, "not_found");
    assert_eq!((order(&ann, project).await, version(&ann, one).await), (tasks, 1));
}

#[tokio::test]
async fn task_beside_itself_stays_unchanged() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let tasks = tasks(&ann, project, vec![json!({}); 3]).await;
    let before = shown(&ann, tasks[1]).await;
    for place in [json!({"after": tasks[1]}), json!({"before": tasks[1]})] {
        assert_eq!(move_task(&ann, tasks[1], place).await.expect(200).data(), before);
    }
    assert_eq!((order(&ann, project).await, shown(&ann, tasks[1]).await), (tasks, before));
}

#[tokio::test]
async fn positions_stay_short_after_moves_to_one_spot() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let mut expected = tasks(&ann, project, vec![json!({}); 12]).await;
    let fixed = expected[5];
    for n in 0..240 {
        let place = match n / 60 {
            0 => json!({"after": null}),
            1 => json!({"after": fixed}),
            2 => json!({"before": fixed}),
            _ => json!({"after": expected.last()}),
        };
        let mut others = expected.iter().copied().filter(|task| *task != fixed && place["after"] != *task);
        let task = others.nth(n % 10).unwrap();
        let moved = move_task(&ann, task, place.clone()).await.expect(200).data();
        apply(&mut expected, task, &place);
        assert!(moved["position"].as_str().unwrap().len() <= 32, "{moved:#}");
    }
    assert_eq!(order(&ann, project).await, expected);
}

#[tokio::test]
async fn two_clients_moving_200_cards_lose_none() {
    const CARDS: usize = 200;
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "editor").await;
    let cards = tasks(&ann, project, vec![json!({}); CARDS]).await;
    let mut rng = Rng::with_seed(7);
    let mut versions: BTreeMap<_, i64> = cards.iter().map(|card| (*card, 1)).collect();
    for _ in 0..10 {
        // Most go to few places, so that two often want the same one.
        let places: Vec<_> = (0..3).map(|_| cards[rng.usize(..CARDS)]).collect();
        let mut moves = Vec::new();
        for client in [&ann, &bob] {
            for _ in 0..12 {
                let (task, beside) = (cards[rng.usize(..CARDS)], places[rng.usize(..3)]);
                if task == beside {
                    continue;
                }
                let place = match rng.u8(..4) {
                    0 => json!({"after": null}),
                    1 => json!({"before": beside}),
                    _ => json!({"after": beside}),
                };
                moves.push(move_task(client, task, place));
                *versions.get_mut(&task).unwrap() += 1;
            }
        }
        for answer in all(moves).await {
            answer.expect(200);
        }
    }
    let listed = super::walk(&ann, &format!("/projects/{project}/tasks"), "sort=position&limit=100").await;
    let mut ids = super::ids(&listed);
    assert_eq!(order(&bob, project).await, ids);
    let positions: Vec<_> = listed.iter().map(|item| item["position"].as_str().unwrap()).collect();
    assert!(positions.is_sorted_by(|a, b| a < b), "{positions:?}");
    for item in &listed {
        assert_eq!(item["version"], versions[&item["id"].as_i64().unwrap()], "{item:#}");
    }
    ids.sort_unstable();
    assert_eq!(ids, cards);
}

#[tokio::test]
async fn moves_to_one_place_at_once_all_end_there() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let cards = tasks(&ann, project, vec![json!({}); 24]).await;
    let (first, moved) = (cards[0], &cards[4..]);
    for answer in all(moved.iter().map(|card| move_task(&ann, *card, json!({"after": first})))).await {
        assert_eq!(answer.expect(200).data()["version"], 2);
    }
    let after = order(&ann, project).await;
    assert_eq!((after[0], &after[21..]), (first, &cards[1..4]));
    let mut between = after[1..21].to_vec();
    between.sort_unstable();
    assert_eq!(between, moved);
    // To the front, while the one that is there moves away.
    for round in 0..8 {
        let (front, next) = (order(&ann, project).await[0], cards[4 + round]);
        let away = move_task(&ann, front, json!({"after": cards[2]}));
        for answer in all([move_task(&ann, next, json!({"after": null})), away]).await {
            answer.expect(200);
        }
        let after = order(&ann, project).await;
        let place = |id: i64| after.iter().position(|other| *other == id).unwrap();
        assert_eq!(after.len(), cards.len());
        if next != front {
            assert_eq!((place(next), place(front)), (0, place(cards[2]) + 1), "{after:?}");
        }
    }
}

#[tokio::test]
async fn task_moves_while_it_is_changed() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let tasks = tasks(&ann, project, vec![json!({}); 3]).await;
    let path = format!("/tasks/{}", tasks[2]);
    let patches = [json!({"title": "Mow"}), json!({"priority": "high"}), json!({"due": "2026-12-01"})];
    let requests = patches.into_iter().map(|patch| ann.patch(&path, patch));
    for answer in all(requests.chain([move_task(&ann, tasks[2], json!({"after": null}))])).await {
        answer.expect(200);
    }
    let after = shown(&ann, tasks[2]).await;
    let expected = json!(["Mow", "high", "2026-12-01", 5]);
    assert_eq!(json!([after["title"], after["priority"], after["due"], after["version"]]), expected);
    assert_eq!(order(&ann, project).await, [tasks[2], tasks[0], tasks[1]]);
}
