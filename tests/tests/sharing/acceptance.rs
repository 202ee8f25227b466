//! `/invitations/accept`.

use super::{Mailing, members, role};
use fasttrack_tests::{Account, Server, has_fields, unique_email};
use serde_json::json;

#[tokio::test]
async fn whoever_brings_the_token_becomes_a_member_once() {
    let mailing = Mailing::start();
    let (ann, bob, cleo) =
        (mailing.server.register().await, mailing.server.register().await, mailing.server.register().await);
    let project = ann.post("/projects", json!({"name": "Garden"})).await.expect(201).data();
    let id = project["id"].as_i64().unwrap();
    // Sent to somebody else's address.
    ann.invite(id, &cleo.email, "commenter").await;
    let token = mailing.mailbox.token(&cleo.email, 1).await;
    let answer = bob.accept(&token).await.expect(200);
    let mut expected = project.clone();
    expected["role"] = json!("commenter");
    assert_eq!(answer.data(), expected);
    assert_eq!(bob.get(format!("/projects/{id}")).await.expect(200).data(), expected);
    for account in [&bob, &cleo, &ann] {
        account.accept(&token).await.refused(400, "invalid_invitation_token");
    }
    assert_eq!(members(&ann, id).await, [(ann.id, "owner".to_owned()), (bob.id, "commenter".to_owned())]);
    assert_eq!(ann.get(format!("/projects/{id}/invitations")).await.expect(200).ids(), [0; 0]);

    // Accepting was its own act: the first notification is about something else.
    let another = ann.project().await;
    ann.share(another, &bob, "viewer").await;
    let told = bob.follow(0).await.next().await;
    assert_eq!((&told["seq"], &told["data"]["project_id"]), (&json!(1), &json!(another)), "{told:#}");
}

#[tokio::test]
async fn acceptance_raises_a_role_and_never_lowers_it() {
    let mailing = Mailing::start();
    let (ann, bob) = (mailing.server.register().await, mailing.server.register().await);
    let project = ann.project().await;
    for (before, invited, after) in [
        ("viewer", "editor", "editor"),
        ("editor", "viewer", "editor"),
        ("commenter", "commenter", "commenter"),
        ("commenter", "viewer", "commenter"),
    ] {
        ann.share(project, &bob, before).await;
        let token = mailing.invitation(&ann, project, invited).await;
        assert_eq!(bob.accept(&token).await.expect(200).data()["role"], after);
        assert_eq!(role(&bob, project).await, after);
        bob.accept(&token).await.refused(400, "invalid_invitation_token");
    }
    let token = mailing.invitation(&ann, project, "viewer").await;
    assert_eq!(ann.accept(&token).await.expect(200).data()["role"], "owner");
    assert_eq!(members(&ann, project).await.len(), 2);
}

#[tokio::test]
async fn invitation_expires_after_seven_days() {
    let mailing = Mailing::start();
    let (ann, bob) = (mailing.server.register().await, mailing.server.register().await);
    let project = ann.project().await;
    let token = mailing.invitation(&ann, project, "viewer").await;
    let installation = mailing.server.installation();
    installation.sql(if installation.is_on_postgres() {
        "UPDATE invitations SET expires_at = expires_at - INTERVAL '7 days'"
    } else {
        "UPDATE invitations SET expires_at = expires_at - 7 * 86400 * 1000000"
    });
    bob.accept(&token).await.refused(400, "invalid_invitation_token");
    let path = format!("/projects/{project}/invitations");
    assert_eq!(ann.get(&path).await.expect(200).ids(), [0; 0]);
    assert_eq!(members(&ann, project).await.len(), 1);
}

#[tokio::test]
async fn unknown_tokens_and_wrong_bodies_are_refused() {
    let server = Server::shared();
    let ann = server.register().await;
    for unknown in ["", "token", &"x".repeat(43), &"é".repeat(5000), &ann.access_token] {
        ann.accept(unknown).await.refused(400, "invalid_invitation_token");
    }
    for (body, field, code) in [
        (json!({}), "token", "required"),
        (json!({"token": 7}), "token", "wrong_type"),
        (json!({"token": null}), "token", "wrong_type"),
        (json!({"token": "a\u{0}b"}), "token", "nul_character"),
        (json!({"token": "x", "role": "owner"}), "role", "unknown_field"),
    ] {
        ann.post("/invitations/accept", body).await.invalid_as(field, code);
    }
    let anonymous = server.anonymous().post("/invitations/accept", json!({"token": "x"})).await;
    anonymous.refused(401, "token_missing");
}

#[tokio::test]
async fn invitation_ends_with_its_project() {
    let mailing = Mailing::start();
    let (ann, bob) = (mailing.server.register().await, mailing.server.register().await);
    let project = ann.project().await;
    let token = mailing.invitation(&ann, project, "editor").await;
    ann.delete(format!("/projects/{project}")).await.expect(204);
    bob.accept(&token).await.refused(400, "invalid_invitation_token");
    assert_eq!(bob.get("/projects").await.expect(200).ids(), [0; 0]);
}

#[tokio::test]
async fn invitation_stays_when_project_is_transferred() {
    let mailing = Mailing::start();
    let (ann, bob) = (mailing.server.register().await, mailing.server.register().await);
    let project = ann.project().await;
    let token = mailing.invitation(&ann, project, "viewer").await;
    ann.share(project, &bob, "viewer").await;
    ann.post(format!("/projects/{project}/transfer"), json!({"user_id": bob.id})).await.expect(200);
    let cleo = mailing.server.register().await;
    cleo.accept(&token).await.expect(200);
    assert_eq!(role(&cleo, project).await, "viewer");
}

#[tokio::test]
async fn guest_registers_and_then_accepts() {
    let mailing = Mailing::start();
    let ann = mailing.server.register().await;
    let project = ann.project().await;
    let guest = unique_email("guest");
    ann.invite(project, &guest, "editor").await;
    let token = mailing.mailbox.token(&guest, 1).await;
    let bob: Account = mailing.server.register_as(&guest).await;
    has_fields(
        &bob.accept(&token).await.expect(200).data(),
        &["id", "name", "description", "status", "owner_id", "role", "created_at", "updated_at", "version"],
    );
    bob.task(project, json!({"assignee_id": ann.id})).await;
}

#[tokio::test]
async fn removal_withdraws_an_invitation_that_is_still_open() {
    let mailing = Mailing::start();
    let (ann, bob) = (mailing.server.register().await, mailing.server.register().await);
    let project = ann.project().await;
    ann.invite(project, &bob.email, "editor").await;
    let token = mailing.mailbox.token(&bob.email, 1).await;
    ann.share(project, &bob, "viewer").await;
    ann.remove(project, &bob).await;
    bob.accept(&token).await.refused(400, "invalid_invitation_token");
    assert_eq!(ann.get(format!("/projects/{project}/invitations")).await.expect(200).ids(), [0; 0]);
    assert_eq!(members(&ann, project).await, [(ann.id, "owner".to_owned())]);
}
