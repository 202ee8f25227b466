//! DELETE `/users/me`.

use super::is_unknown;
use fasttrack_tests::{Account, PASSWORD, Request, SOON, Server, all};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Instant;

fn erase(account: &Account, body: &Value) -> Request {
    account.request(Method::DELETE, "/users/me").body("application/json", body.to_string())
}

#[tokio::test]
async fn erased_account_is_unknown_and_its_address_free() {
    let server = Server::shared();
    let (ann, admin) = (server.register().await, server.admin().await);
    let again = ann.log_in_again().await;
    let ticket = ann.post("/ws/ticket", json!({})).await.expect(201).data()["ticket"].as_str().unwrap().to_owned();
    let mut socket = ann.follow(0).await;
    let mut stream = again.get("/events").stream().await;
    assert_eq!(ann.erase().await.expect(204).body, "");
    let begin = Instant::now();
    assert_eq!(socket.closed().await, Some(4401));
    assert_eq!(stream.closed().await, Some(4401));
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    for session in [&ann, &again] {
        is_unknown(session, &admin).await;
    }
    ann.get(format!("/events?ticket={ticket}")).await.expect(401);

    let next = server.register_as(&ann.email).await;
    assert!(next.id > ann.id, "an id isn't given out twice");
    assert_eq!(next.get("/projects").await.expect(200).ids(), [0; 0]);
    ann.get("/auth/me").await.refused(401, "token_revoked");
}

#[tokio::test]
async fn account_is_erased_only_with_its_password() {
    let server = Server::shared();
    let ann = server.register().await;
    ann.delete("/users/me").await.invalid_as("password", "required");
    for (body, code) in [
        (json!({}), "required"),
        (json!({"password": 7}), "wrong_type"),
        (json!({"password": null}), "wrong_type"),
        (json!({"password": "a\u{0}b"}), "nul_character"),
    ] {
        erase(&ann, &body).await.invalid_as("password", code);
    }
    erase(&ann, &json!({"password": PASSWORD, "id": 1})).await.invalid_as("id", "unknown_field");
    erase(&ann, &json!([])).await.invalid(&["body"]);
    for wrong in ["", "wrong", &PASSWORD.to_uppercase()] {
        erase(&ann, &json!({"password": wrong})).await.refused(401, "invalid_credentials");
    }
    let text = ann.request(Method::DELETE, "/users/me").body("text/plain", "{}").await;
    text.refused(415, "unsupported_media_type");
    let broken = ann.request(Method::DELETE, "/users/me").body("application/json", "{").await;
    broken.refused(400, "malformed_json");
    ann.get("/auth/me").await.expect(200);
    ann.log_in_again().await;
}

#[tokio::test]
async fn shared_projects_prevent_erasure() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let (alone, first, second) = (ann.project().await, ann.project().await, ann.project().await);
    for project in [first, second] {
        ann.share(project, &bob, "viewer").await;
    }
    // Where it's a member itself doesn't matter, nor who has a task.
    ann.task(alone, json!({"assignee_id": bob.id})).await;
    bob.share(bob.project().await, &ann, "editor").await;
    let by_admin = admin.delete(format!("/users/{}", ann.id));
    for refused in [ann.erase().await, by_admin.await] {
        let refused = refused.refused(409, "conflict").json();
        let details = refused["error"]["details"].as_array().unwrap();
        assert_eq!(details.len(), 2, "{refused:#}");
        for (detail, project) in details.iter().zip([first, second]) {
            assert_eq!((&detail["field"], &detail["code"]), (&json!("projects"), &json!("has_members")));
            assert!(detail["message"].as_str().unwrap().contains(&project.to_string()), "{detail}");
        }
    }
    // Nothing was done.
    ann.get("/auth/me").await.expect(200);
    assert_eq!(ann.get("/projects").await.expect(200).ids().len(), 4);

    ann.post(format!("/projects/{first}/transfer"), json!({"user_id": bob.id})).await.expect(200);
    ann.remove(second, &bob).await;
    ann.erase().await.expect(204);
    assert_eq!(bob.get(format!("/projects/{first}/members")).await.expect(200).ids(), [bob.id]);
    for project in [alone, second] {
        admin.get(format!("/projects/{project}")).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn last_active_admin_cannot_be_erased() {
    let server = Server::start();
    let (first, second) = (server.admin().await, server.admin().await);
    second.erase().await.expect(204);
    first.erase().await.refused(409, "conflict");
    first.delete(format!("/users/{}", first.id)).await.refused(409, "conflict");
    first.get("/users").await.expect(200);
    let third = server.admin().await;
    let answers = all([&first, &third].map(Account::erase)).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409], "{answers:#?}");
}

#[tokio::test]
async fn one_of_concurrent_erasures_succeeds() {
    let server = Server::shared();
    let (ann, admin) = (server.register().await, server.admin().await);
    let answers = all((0..8).map(|_| ann.erase())).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 204).count(), 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 204) {
        answer.refused(401, "token_revoked");
    }
    is_unknown(&ann, &admin).await;
}
