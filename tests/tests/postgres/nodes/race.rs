//! Rules over several rows hold when two nodes try to break them at the same moment.

use super::{on, two};
use fasttrack_tests::{Account, Answer, PASSWORD, all, unique_email};
use serde_json::json;

/// Partitions responses by this status.
fn part(answers: Vec<Answer>, status: u16) -> (Vec<Answer>, Vec<Answer>) {
    answers.into_iter().partition(|answer| answer.status == status)
}

#[tokio::test]
async fn address_is_registered_once_across_nodes() {
    let [here, there] = two();
    let clients = [here.anonymous(), there.anonymous()];
    for _ in 0..3 {
        let email = unique_email("raced");
        let answers = all((0..20).map(|n| {
            let email = if n % 3 == 0 { email.to_uppercase() } else { email.clone() };
            clients[n % 2].post("/auth/register", json!({"email": email, "password": PASSWORD}))
        }))
        .await;
        let (made, refused) = part(answers, 201);
        assert_eq!((made.len(), refused.len()), (1, 19));
        for answer in refused {
            answer.refused(409, "email_taken");
        }
    }
}

#[tokio::test]
async fn last_admin_stays_across_nodes() {
    let [here, there] = two();
    let mut last = here.admin().await;
    for change in [json!({"role": "user"}), json!({"is_active": false})].iter().cycle().take(6) {
        let email = unique_email("admin");
        here.installation().create_admin(&email).await;
        let other = Account::log_in(&there.anonymous(), &email, PASSWORD).await;
        let admins = [on(&here, &last).await, other];
        let resign = |admin: &Account| admin.patch(format!("/users/{}", admin.id), change.clone());
        let answers = all(admins.iter().map(resign)).await;
        let (done, refused) = part(answers, 200);
        assert_eq!((done.len(), refused.len()), (1, 1), "{change}");
        refused.into_iter().next().unwrap().refused(409, "conflict");
        let gone = done[0].id();
        last = admins.into_iter().find(|admin| admin.id != gone).unwrap();
        assert_eq!(last.get("/users?role=admin&is_active=true").await.expect(200).ids(), [last.id]);
    }
}

#[tokio::test]
async fn concurrent_patches_on_two_nodes_all_count() {
    let [here, there] = two();
    let ann = here.register().await;
    let task = format!("/tasks/{}", ann.task(ann.project().await, json!({})).await);
    let nodes = [on(&here, &ann).await, on(&there, &ann).await];
    let patches = (0..32).map(|n| nodes[n % 2].patch(&task, json!({"description": format!("{n}")})));
    let answers = all(patches).await.into_iter().map(|answer| answer.expect(200).data());
    let mut versions: Vec<_> = answers.map(|task| task["version"].as_i64().unwrap()).collect();
    versions.sort_unstable();
    assert_eq!(versions, (2..=33).collect::<Vec<_>>());
}

#[tokio::test]
async fn one_of_conditional_changes_on_two_nodes_succeeds() {
    let [here, there] = two();
    let ann = here.register().await;
    let task = format!("/tasks/{}", ann.task(ann.project().await, json!({})).await);
    let nodes = [on(&here, &ann).await, on(&there, &ann).await];
    for version in 1..4 {
        let change = |n: usize| {
            let body = json!({"description": format!("{version}/{n}")});
            nodes[n % 2].patch(&task, body).header("if-match", format!("\"{version}\""))
        };
        let (done, refused) = part(all((0..20).map(change)).await, 200);
        assert_eq!((done.len(), refused.len()), (1, 19));
        for answer in refused {
            answer.refused(412, "precondition_failed");
        }
        for node in &nodes {
            assert_eq!(node.get(&task).await.expect(200).data(), done[0].data());
        }
    }
}
