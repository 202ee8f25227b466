//! Shared projects on two nodes.

use super::{on, two};
use fasttrack_tests::{Account, Answer, Installation, Mailbox, SOON, Server, all, eventually};
use serde_json::{Value, json};
use std::time::Instant;

/// Partitions responses by this status.
fn part(answers: Vec<Answer>, status: u16) -> (Vec<Answer>, Vec<Answer>) {
    answers.into_iter().partition(|answer| answer.status == status)
}

/// Starts two nodes whose mails go to one SMTP server.
fn mailing() -> (Mailbox, [Server; 2]) {
    let mailbox = Mailbox::start();
    let installation = mailbox.receiving(Installation::new());
    let nodes = [installation.start(), installation.start()];
    (mailbox, nodes)
}

/// Returns each member of a project with its role, by ascending id.
async fn members(reader: &Account, project: i64) -> Vec<(i64, String)> {
    let items = reader.get(format!("/projects/{project}/members")).await.expect(200).items();
    let member = |item: &Value| (item["user_id"].as_i64().unwrap(), item["role"].as_str().unwrap().to_owned());
    items.iter().map(member).collect()
}

#[tokio::test]
async fn removed_member_falls_silent_on_the_other_node() {
    let (mailbox, [here, there]) = mailing();
    let ann = here.register().await;
    let project = ann.project().await;
    // Invited here, and at home there.
    let bob = there.register().await;
    ann.invite(project, &bob.email, "editor").await;
    let token = mailbox.token(&bob.email, 1).await;
    bob.accept(&token).await.expect(200);
    let (mut socket, mut stream) = (bob.follow(0).await, bob.get("/events?since=0").stream().await);
    let task = ann.task(project, json!({"assignee_id": bob.id})).await;
    assert_eq!(socket.next().await["data"]["task_id"], task);
    assert_eq!(stream.next().await["data"]["task_id"], task);
    mailbox.wait_for(&bob.email, 2).await;
    let seen = bob.get(format!("/projects/{project}/tasks")).await.expect(200).items();
    assert_eq!(seen[0]["assignee"], bob.person());

    ann.remove(project, &bob).await;
    let begin = Instant::now();
    eventually("requests are refused", async || bob.get(format!("/projects/{project}")).await.status == 403).await;
    bob.get(format!("/tasks/{task}")).await.refused(403, "forbidden");
    for list in ["/projects", "/tasks"] {
        assert_eq!(bob.get(list).await.expect(200).ids(), [0; 0]);
    }
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    ann.patch(format!("/tasks/{task}"), json!({"status": "in_progress"})).await.expect(200);
    ann.comment(task).await;
    // The next of everything is about another project.
    let yard = ann.project().await;
    ann.task(yard, json!({"title": "Sweep the path", "assignee_id": bob.id})).await;
    assert_eq!(socket.next().await["data"]["project_id"], yard);
    assert_eq!(stream.next().await["data"]["project_id"], yard);
    let mails = mailbox.wait_for(&bob.email, 3).await;
    assert!(mails[2].subject().contains("Sweep the path"), "{mails:#?}");
}

#[tokio::test]
async fn events_of_either_node_reach_no_former_member() {
    let nodes = two();
    let (ann, bob) = (nodes[0].register().await, nodes[1].register().await);
    let mut socket = bob.follow(0).await;
    let owners = [ann.clone(), on(&nodes[1], &ann).await];
    for _ in 0..8 {
        let project = ann.project().await;
        ann.share(project, &bob, "editor").await;
        let mut tasks = Vec::new();
        for _ in 0..6 {
            tasks.push(format!("/tasks/{}", ann.task(project, json!({"assignee_id": bob.id})).await));
        }
        let changes =
            tasks.iter().enumerate().map(|(n, task)| owners[n % 2].patch(task, json!({"status": "in_progress"})));
        for answer in all(changes).await {
            answer.expect(200);
        }
        owners[1].remove(project, &bob).await;
        let items = bob.get("/notifications?limit=1").await.expect(200).items();
        let last = items.first().map_or(0, |item| item["seq"].as_i64().unwrap());
        let next = ann.project().await;
        ann.share(next, &bob, "viewer").await;
        let told = loop {
            let told = socket.next().await;
            if told["seq"].as_i64().unwrap() > last {
                break told;
            }
        };
        assert_eq!(told["data"]["project_id"], next, "{told:#}");
    }
}

#[tokio::test]
async fn one_of_acceptances_on_two_nodes_succeeds() {
    let (mailbox, [here, there]) = mailing();
    let (ann, bob) = (here.register().await, here.register().await);
    let (cleo, elsewhere) = (there.register().await, on(&there, &bob).await);
    for n in 1..=6 {
        let project = ann.project().await;
        ann.invite(project, &bob.email, "viewer").await;
        let token = mailbox.token(&bob.email, n).await;
        let guests = [&bob, &elsewhere, &cleo];
        let (accepted, refused) = part(all((0..12).map(|n| guests[n % 3].accept(&token))).await, 200);
        assert_eq!((accepted.len(), refused.len()), (1, 11));
        for answer in refused {
            answer.refused(400, "invalid_invitation_token");
        }
        assert_eq!(members(&ann, project).await.len(), 2);
    }
}

#[tokio::test]
async fn project_has_one_owner_across_nodes() {
    let [here, there] = two();
    let (ann, bob, cleo) = (here.register().await, here.register().await, there.register().await);
    let anns = [ann.clone(), on(&there, &ann).await];
    for _ in 0..6 {
        let project = ann.project().await;
        for member in [&bob, &cleo] {
            ann.share(project, member, "editor").await;
        }
        let transfer = |n: usize| {
            let next = [&bob, &cleo][n % 2].id;
            anns[n / 2 % 2].post(format!("/projects/{project}/transfer"), json!({"user_id": next}))
        };
        let (done, refused) = part(all((0..8).map(transfer)).await, 200);
        assert_eq!((done.len(), refused.len()), (1, 7));
        for answer in refused {
            answer.refused(403, "forbidden");
        }
        let members = members(&cleo, project).await;
        let owners: Vec<_> = members.iter().filter(|(_, role)| role == "owner").map(|(id, _)| *id).collect();
        assert_eq!(json!(owners), json!([done[0].data()["owner_id"]]), "{members:?}");
    }
}

#[tokio::test]
async fn removal_and_assignment_on_two_nodes_have_one_outcome() {
    let [here, there] = two();
    let (ann, bob) = (here.register().await, there.register().await);
    let elsewhere = on(&there, &ann).await;
    for _ in 0..12 {
        let project = ann.project().await;
        ann.share(project, &bob, "viewer").await;
        let path = format!("/tasks/{}", ann.task(project, json!({})).await);
        let assignment = ann.patch(&path, json!({"assignee_id": bob.id}));
        let removal = elsewhere.delete(format!("/projects/{project}/members/{}", bob.id));
        let (assigned, removed) = tokio::join!(assignment.into_future(), removal.into_future());
        assigned.expect(200);
        removed.expect(204);
        let task = ann.get(&path).await.expect(200).data();
        let outcome = (task["assignee_id"].as_i64(), task["version"].as_i64(), bob.get(&path).await.status);
        assert!(outcome == (None, Some(3), 403) || outcome == (Some(bob.id), Some(2), 200), "{outcome:?}: {task:#}");
    }
}

#[tokio::test]
async fn erased_account_is_refused_on_the_other_node() {
    let [here, there] = two();
    let (ann, admin) = (here.register().await, here.admin().await);
    let elsewhere = on(&there, &ann).await;
    let (mut socket, mut stream) = (elsewhere.follow(0).await, elsewhere.get("/events").stream().await);
    let bob = there.register().await;
    let project = bob.project().await;
    bob.share(project, &ann, "commenter").await;
    let task = bob.task(project, json!({})).await;
    let comment = elsewhere.comment(task).await;
    ann.erase().await.expect(204);
    let begin = Instant::now();
    // `/auth/me` is refused before the token is, as it reads the account.
    eventually("the token is refused", async || elsewhere.get("/projects").await.status == 401).await;
    elsewhere.get("/projects").await.refused(401, "token_revoked");
    elsewhere.get("/auth/me").await.refused(401, "token_revoked");
    assert_eq!((socket.closed().await, stream.closed().await), (Some(4401), Some(4401)));
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    admin.on(&there).get(format!("/users/{}", ann.id)).await.refused(404, "not_found");
    let comments = bob.get(format!("/tasks/{task}/comments")).await.expect(200).items();
    assert_eq!((&comments[0]["id"], &comments[0]["author"]["display_name"]), (&json!(comment), &json!("Deleted user")));
}
