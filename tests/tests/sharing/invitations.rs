//! `/projects/{id}/invitations`, and the mails.

use super::Mailing;
use fasttrack_tests::{Installation, MISSING, Server, eventually, has_fields, timestamp, unique_email};
use serde_json::json;
use std::fs;

#[tokio::test]
async fn invitation_is_the_same_with_and_without_an_account() {
    let mailing = Mailing::start();
    let (ann, bob) = (mailing.server.register().await, mailing.server.register().await);
    let project = ann.project().await;
    let path = format!("/projects/{project}/invitations");
    let stranger = unique_email("stranger");
    let mut invited = Vec::new();
    for email in [&bob.email, &stranger] {
        let body = json!({"email": format!(" {} ", email.to_uppercase()), "role": "commenter"});
        let invitation = ann.post(&path, body).await.expect(201).data();
        has_fields(&invitation, &["id", "project_id", "email", "role", "created_at", "expires_at"]);
        assert_eq!((&invitation["project_id"], &invitation["role"]), (&json!(project), &json!("commenter")));
        assert_eq!(invitation["email"], json!(email));
        let lifetime = timestamp(&invitation["expires_at"]) - timestamp(&invitation["created_at"]);
        assert_eq!(lifetime.num_seconds(), 7 * 24 * 60 * 60);
        invited.push(invitation);
    }
    assert_eq!(ann.get(&path).await.expect(200).items(), invited);
    let texts = [
        mailing.mailbox.wait_for(&bob.email, 1).await[0].text(),
        mailing.mailbox.wait_for(&stranger, 1).await[0].text(),
    ];
    let lines = texts.each_ref().map(|text| text.lines().count());
    assert_eq!(lines[0], lines[1], "{texts:#?}");
    // Nobody is a member, nor notified.
    assert_eq!(ann.get(format!("/projects/{project}/members")).await.expect(200).ids(), [ann.id]);
    bob.get(format!("/projects/{project}")).await.refused(403, "forbidden");
    assert!(bob.get("/notifications").await.expect(200).items().is_empty());
}

#[tokio::test]
async fn mail_names_project_role_and_inviter() {
    let mailing = Mailing::start();
    let ann = mailing.server.register().await;
    ann.patch("/users/me", json!({"display_name": "Ann www.evil.example"})).await.expect(200);
    let project = ann.post("/projects", json!({"name": "Yard <3"})).await.expect(201).id();
    let guest = unique_email("guest");
    ann.invite(project, &guest, "editor").await;
    let token = mailing.mailbox.token(&guest, 1).await;
    let mail = &mailing.mailbox.mails(&guest)[0];
    for part in [mail.text(), mail.html()] {
        for said in ["Yard", "editor", "7 days", &token] {
            assert!(part.contains(said), "{said}: {part}");
        }
        assert!(part.contains("Ann") && !part.contains("www.evil.example"), "{part}");
    }
    assert!(!mail.html().contains("<3"), "{}", mail.html());
    assert!(mail.text().to_lowercase().contains("nothing to do"), "what to do if it's unwanted: {}", mail.text());
}

#[tokio::test]
async fn mail_links_to_configured_page() {
    let page = "https://app.example.org/join?token={token}";
    let mailing = Mailing::of(Installation::new().with("INVITATION_URL", page));
    let (ann, bob) = (mailing.server.register().await, mailing.server.register().await);
    let project = ann.project().await;
    ann.invite(project, &bob.email, "viewer").await;
    let text = mailing.mailbox.wait_for(&bob.email, 1).await[0].text();
    let link = text.lines().find_map(|line| line.trim().strip_prefix("https://app.example.org/join?token="));
    bob.accept(link.unwrap()).await.expect(200);
    let wrong = Installation::new().with("INVITATION_URL", "https://app.example.org/join");
    assert!(wrong.command(["serve"]).run().await.failed(2).contains("INVITATION_URL"));
}

#[tokio::test]
async fn invitation_token_is_only_in_the_mail() {
    let mailing = Mailing::of(Installation::new().with("RUST_LOG", "trace"));
    let ann = mailing.server.register().await;
    let project = ann.project().await;
    let token = mailing.invitation(&ann, project, "viewer").await;
    let answer = ann.get(format!("/projects/{project}/invitations")).await.expect(200);
    assert!(!answer.body.contains(&token));
    ann.accept(&token).await.expect(200);
    let installation = mailing.server.installation();
    if !installation.is_on_postgres() {
        for file in ["fasttrack.db", "fasttrack.db-wal"] {
            let bytes = fs::read(installation.path(file)).unwrap();
            assert!(!bytes.windows(token.len()).any(|part| part == token.as_bytes()), "{file}");
        }
    }
    assert!(!mailing.server.log().contains(&token));
}

#[tokio::test]
async fn further_invitation_replaces_the_first() {
    let mailing = Mailing::start();
    let (ann, bob) = (mailing.server.register().await, mailing.server.register().await);
    let (project, another) = (ann.project().await, ann.project().await);
    let guest = unique_email("guest");
    let first = ann.invite(project, &guest, "viewer").await;
    let first_token = mailing.mailbox.token(&guest, 1).await;
    // Of another project, it is another invitation.
    let elsewhere = ann.invite(another, &guest, "viewer").await;
    mailing.mailbox.wait_for(&guest, 2).await;
    let second = ann.invite(project, &guest.to_uppercase(), "editor").await;
    let second_token = mailing.mailbox.token(&guest, 3).await;
    assert!(first < elsewhere && elsewhere < second);
    assert_eq!(ann.get(format!("/projects/{project}/invitations")).await.expect(200).ids(), [second]);
    ann.delete(format!("/projects/{project}/invitations/{first}")).await.refused(404, "not_found");
    bob.accept(&first_token).await.refused(400, "invalid_invitation_token");
    assert_eq!(bob.accept(&second_token).await.expect(200).data()["role"], "editor");
    assert_eq!(ann.get(format!("/projects/{another}/invitations")).await.expect(200).ids(), [elsewhere]);
}

#[tokio::test]
async fn withdrawn_invitation_is_not_found() {
    let mailing = Mailing::start();
    let (ann, bob) = (mailing.server.register().await, mailing.server.register().await);
    let (project, another) = (ann.project().await, ann.project().await);
    let guest = unique_email("guest");
    let id = ann.invite(project, &guest, "viewer").await;
    let token = mailing.mailbox.token(&guest, 1).await;
    ann.delete(format!("/projects/{another}/invitations/{id}")).await.refused(404, "not_found");
    let path = format!("/projects/{project}/invitations/{id}");
    assert_eq!(ann.delete(&path).await.expect(204).body, "");
    ann.delete(&path).await.refused(404, "not_found");
    bob.accept(&token).await.refused(400, "invalid_invitation_token");
    assert_eq!(ann.get(format!("/projects/{project}/invitations")).await.expect(200).ids(), [0; 0]);
}

#[tokio::test]
async fn withdrawn_invitation_sends_no_mail() {
    let mailing = Mailing::start();
    let ann = mailing.server.register().await;
    let project = ann.project().await;
    mailing.mailbox.refuse(451);
    let (withdrawn, other) = (unique_email("guest"), unique_email("guest"));
    let id = ann.invite(project, &withdrawn, "viewer").await;
    ann.invite(project, &other, "viewer").await;
    let list = async || mailing.server.installation().command(["jobs", "list"]).run().await.succeeded();
    // Or a mail that is being sent would arrive.
    eventually("each mail was refused", async || list().await.matches("451").count() >= 2).await;
    ann.delete(format!("/projects/{project}/invitations/{id}")).await.expect(204);
    mailing.mailbox.accept();
    eventually("no mail waits", async || list().await.is_empty()).await;
    mailing.mailbox.wait_for(&other, 1).await;
    assert!(mailing.mailbox.mails(&withdrawn).is_empty());
}

#[tokio::test]
async fn invalid_invitation_request_is_named() {
    let server = Server::shared();
    let (ann, eve) = (server.register().await, server.register().await);
    let project = ann.project().await;
    let path = format!("/projects/{project}/invitations");
    for (email, role, field, code) in [
        (json!("no address"), json!("viewer"), "email", "invalid"),
        (json!("\"a b\"@x.org"), json!("viewer"), "email", "invalid"),
        (json!(7), json!("viewer"), "email", "wrong_type"),
        (json!(null), json!("viewer"), "email", "wrong_type"),
        (json!("a\u{0}@example.org"), json!("viewer"), "email", "nul_character"),
        (json!("bob@example.org"), json!("owner"), "role", "invalid"),
        (json!("bob@example.org"), json!("Viewer"), "role", "invalid"),
        (json!("bob@example.org"), json!(["viewer"]), "role", "wrong_type"),
    ] {
        ann.post(&path, json!({"email": email, "role": role})).await.invalid_as(field, code);
    }
    ann.post(&path, json!({})).await.invalid(&["email", "role"]);
    let all = json!({"email": "x", "role": 1, "project_id": project});
    ann.post(&path, all).await.invalid(&["email", "role", "project_id"]);
    ann.get(format!("{path}?limit=101")).await.invalid_as("query.limit", "out_of_range");
    ann.get(format!("{path}?cursor=x")).await.refused(400, "invalid_cursor");
    ann.delete(format!("{path}/x")).await.invalid_as("path.invitation_id", "invalid");
    ann.delete("/projects/x/invitations/x").await.invalid(&["path.id", "path.invitation_id"]);
    for id in [0, MISSING] {
        ann.delete(format!("{path}/{id}")).await.refused(404, "not_found");
    }
    // The form precedes permission and existence.
    eve.post(&path, json!({"email": "x", "role": "viewer"})).await.invalid(&["email"]);
    eve.post(&path, json!({"email": "bob@example.org", "role": "viewer"})).await.refused(403, "forbidden");
    eve.get(&path).await.refused(403, "forbidden");
    assert_eq!(ann.get(&path).await.expect(200).ids(), [0; 0]);
}
