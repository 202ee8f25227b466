//! An account that is erased while others share with it, assign to it, or erase themselves.

use super::{DELETED, is_unknown};
use fasttrack_tests::{Account, Answer, Installation, Mailbox, Request, Server, all, unique_email};
use serde_json::json;

const ROUNDS: usize = 6;

/// Sends two requests at once and returns both responses, in this order.
async fn both(first: Request, second: Request) -> [Answer; 2] {
    let (first, second) = tokio::join!(first.into_future(), second.into_future());
    [first, second]
}

/// Fails unless the members of a project are there, and one of them is the owner.
async fn is_sound(admin: &Account, project: i64) {
    let owner = admin.get(format!("/projects/{project}")).await.expect(200).data()["owner_id"].as_i64().unwrap();
    let members = admin.get(format!("/projects/{project}/members")).await.expect(200).items();
    let mut owners = Vec::new();
    for member in members {
        let id = member["user_id"].as_i64().unwrap();
        admin.get(format!("/users/{id}")).await.expect(200);
        if member["role"] == "owner" {
            owners.push(id);
        }
    }
    assert_eq!(owners, [owner]);
}

#[tokio::test]
async fn erased_user_becomes_no_member() {
    let mailbox = Mailbox::start();
    let server = mailbox.receiving(Installation::new()).start();
    let (ann, admin) = (server.register().await, server.admin().await);
    for round in 0..2 * ROUNDS {
        let bob = server.register().await;
        let project = ann.project().await;
        let guest = unique_email("guest");
        ann.invite(project, &guest, "editor").await;
        let token = mailbox.token(&guest, 1).await;
        let path = format!("/projects/{project}/members/{}", bob.id);
        let joining = if round % 2 == 0 { bob.accept(&token) } else { ann.put(path, json!({"role": "editor"})) };
        let [erased, joined] = both(bob.erase(), joining).await;
        erased.expect(204);
        match joined.status {
            // Before the erasure, which ended it.
            200 | 201 => {}
            401 => drop(joined.refused(401, "token_revoked")),
            404 => drop(joined.refused(404, "not_found")),
            _ => panic!("{joined:#?}"),
        }
        assert_eq!(ann.get(format!("/projects/{project}/members")).await.expect(200).ids(), [ann.id]);
        is_sound(&admin, project).await;
        is_unknown(&bob, &admin).await;
    }
}

#[tokio::test]
async fn erased_user_gets_no_task() {
    let server = Server::shared();
    let (ann, admin) = (server.register().await, server.admin().await);
    for round in 0..2 * ROUNDS {
        let bob = server.register().await;
        let project = ann.project().await;
        let path = format!("/tasks/{}", ann.task(project, json!({})).await);
        let create = ann.post(format!("/projects/{project}/tasks"), json!({"title": "Dig", "assignee_id": bob.id}));
        let assignment = if round % 2 == 0 { ann.patch(&path, json!({"assignee_id": bob.id})) } else { create };
        let [erased, assigned] = both(bob.erase(), assignment).await;
        erased.expect(204);
        if assigned.status == 400 {
            assigned.invalid_as("assignee_id", "unknown_user");
        } else {
            assert!(matches!(assigned.status, 200 | 201), "{assigned:#?}");
        }
        for task in ann.get(format!("/projects/{project}/tasks")).await.expect(200).items() {
            assert!(task["assignee_id"].is_null() && task["assignee"].is_null(), "{task:#}");
        }
        is_unknown(&bob, &admin).await;
    }
}

#[tokio::test]
async fn project_is_never_left_without_an_owner() {
    let server = Server::shared();
    let admin = server.admin().await;
    for _ in 0..2 * ROUNDS {
        let (ann, bob) = (server.register().await, server.register().await);
        let project = ann.project().await;
        ann.share(project, &bob, "editor").await;
        let transfer = ann.post(format!("/projects/{project}/transfer"), json!({"user_id": bob.id}));
        let [erased, given] = both(bob.erase(), transfer).await;
        match (erased.status, given.status) {
            // It owned the project by then, in which the former owner is a member.
            (409, 200) => {
                erased.refused(409, "conflict");
                bob.get(format!("/projects/{project}")).await.expect(200);
            }
            (204, 400) => {
                let code = given.invalid(&["user_id"]).json()["error"]["details"][0]["code"].clone();
                assert!(code == "not_a_member" || code == "unknown_user", "{code}");
                is_unknown(&bob, &admin).await;
            }
            other => panic!("{other:?}"),
        }
        is_sound(&admin, project).await;
    }
}

#[tokio::test]
async fn receiver_that_is_erased_keeps_no_project() {
    let server = Server::shared();
    let admin = server.admin().await;
    for _ in 0..2 * ROUNDS {
        let (ann, bob, cleo) = (server.register().await, server.register().await, server.register().await);
        let project = ann.project().await;
        ann.share(project, &cleo, "editor").await;
        let reassignment = admin.delete(format!("/users/{}?reassign_to={}", ann.id, bob.id));
        let [given, erased] = both(reassignment, admin.delete(format!("/users/{}", bob.id))).await;
        match (given.status, erased.status) {
            // The receiver had the project by then, which has another member.
            (204, 409) => drop(erased.refused(409, "conflict")),
            (400, 204) => drop(given.invalid_as("query.reassign_to", "unknown_user")),
            other => panic!("{other:?}"),
        }
        cleo.get(format!("/projects/{project}")).await.expect(200);
        is_sound(&admin, project).await;
    }
}

#[tokio::test]
async fn owner_is_erased_only_while_nobody_joins() {
    let mailbox = Mailbox::start();
    let server = mailbox.receiving(Installation::new()).start();
    let admin = server.admin().await;
    for _ in 0..2 * ROUNDS {
        let (ann, bob) = (server.register().await, server.register().await);
        let project = ann.project().await;
        ann.invite(project, &bob.email, "editor").await;
        let token = mailbox.token(&bob.email, 1).await;
        let [erased, joined] = both(ann.erase(), bob.accept(&token)).await;
        match (erased.status, joined.status) {
            (204, 400) => {
                joined.refused(400, "invalid_invitation_token");
                bob.get(format!("/projects/{project}")).await.refused(404, "not_found");
            }
            (409, 200) => is_sound(&admin, project).await,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn erasure_during_other_work_loses_nothing_of_others() {
    let server = Server::shared();
    let (ann, admin) = (server.register().await, server.admin().await);
    for _ in 0..ROUNDS {
        let bob = server.register().await;
        let project = ann.project().await;
        ann.share(project, &bob, "editor").await;
        let task = ann.task(project, json!({"assignee_id": bob.id})).await;
        let (tasks, comments) = (format!("/projects/{project}/tasks"), format!("/tasks/{task}/comments"));
        let mut requests = vec![bob.erase()];
        for n in 0..6 {
            requests.push(bob.post(&tasks, json!({"title": "Bob's"})));
            requests.push(bob.post(&comments, json!({"body": "Bob's"})));
            requests.push(ann.post(&tasks, json!({"title": "Ann's"})));
            requests.push(ann.patch(format!("/tasks/{task}"), json!({"description": format!("{n}")})));
        }
        for answer in all(requests).await {
            assert!(matches!(answer.status, 200 | 201 | 204 | 401 | 403), "{answer:#?}");
        }
        let stored = ann.get(format!("{tasks}?limit=100")).await.expect(200).items();
        assert_eq!(stored.iter().filter(|task| task["title"] == "Ann's").count(), 6);
        assert!(stored.iter().all(|task| task["assignee_id"].is_null()), "{stored:#?}");
        for comment in ann.get(comments).await.expect(200).items() {
            assert_eq!(comment["author"]["display_name"], DELETED);
        }
        is_sound(&admin, project).await;
        is_unknown(&bob, &admin).await;
    }
}
