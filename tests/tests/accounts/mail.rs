//! Mails and mailed tokens of an account that is erased.

use super::erased;
use fasttrack_tests::{Installation, Mailbox, PASSWORD, Server, eventually};
use serde_json::json;

fn start() -> (Mailbox, Server) {
    let mailbox = Mailbox::start();
    let server = mailbox.receiving(Installation::new()).start();
    (mailbox, server)
}

#[tokio::test]
async fn mailed_tokens_end_with_the_account() {
    let (mailbox, server) = start();
    let (ann, bob) = (server.register().await, server.register().await);
    let client = server.anonymous();
    let project = ann.project().await;
    ann.invite(project, &bob.email, "editor").await;
    let invitation = mailbox.token(&bob.email, 1).await;
    client.post("/auth/password/forgot", json!({"email": bob.email})).await.expect(202);
    let reset = mailbox.token(&bob.email, 2).await;
    bob.erase().await.expect(204);

    let body = json!({"token": reset, "new_password": "another horse battery"});
    client.post("/auth/password/reset", body).await.refused(400, "invalid_reset_token");
    ann.accept(&invitation).await.refused(400, "invalid_invitation_token");
    assert_eq!(ann.get(format!("/projects/{project}/invitations")).await.expect(200).ids(), [0; 0]);
    let login = json!({"email": bob.email, "password": PASSWORD});
    client.post("/auth/login", login).await.refused(401, "invalid_credentials");
    // The address can be invited and registered anew.
    ann.invite(project, &bob.email, "viewer").await;
    let invitation = mailbox.token(&bob.email, 3).await;
    let next = server.register_as(&bob.email).await;
    next.accept(&invitation).await.expect(200);
}

#[tokio::test]
async fn invitations_of_erased_owner_end() {
    let (mailbox, server) = start();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.invite(project, &bob.email, "editor").await;
    let token = mailbox.token(&bob.email, 1).await;
    ann.erase().await.expect(204);
    bob.accept(&token).await.refused(400, "invalid_invitation_token");
    assert_eq!(bob.get("/projects").await.expect(200).ids(), [0; 0]);
}

#[tokio::test]
async fn waiting_mails_of_erased_user_are_not_sent() {
    let (mailbox, server) = start();
    let (ann, bob) = (server.register().await, server.register().await);
    let installation = server.installation();
    let list = async || installation.command(["jobs", "list"]).run().await.succeeded();
    eventually("no mail waits", async || list().await.is_empty()).await;
    mailbox.refuse(451);
    let project = ann.project().await;
    ann.task(project, json!({"assignee_id": bob.id})).await;
    let bobs = bob.project().await;
    bob.task(bobs, json!({"title": "Dig", "assignee_id": ann.id})).await;
    server.anonymous().post("/auth/password/forgot", json!({"email": bob.email})).await.expect(202);
    eventually("the mails wait", async || list().await.lines().count() == 3).await;
    bob.erase().await.expect(204);
    mailbox.accept();
    erased(installation).await;
    eventually("no mail waits", async || list().await.is_empty()).await;
    // The task that it gave was in a project that went with it.
    for account in [&ann, &bob] {
        assert!(mailbox.mails(&account.email).is_empty(), "{:#?}", mailbox.mails(&account.email));
    }
}

#[tokio::test]
async fn mail_to_others_names_no_erased_user() {
    let (mailbox, server) = start();
    let (ann, bob, cleo) = (server.register().await, server.register().await, server.register().await);
    bob.patch("/users/me", json!({"display_name": "Bartholomew"})).await.expect(200);
    let project = ann.project().await;
    ann.share(project, &bob, "editor").await;
    let installation = server.installation();
    let list = async || installation.command(["jobs", "list"]).run().await.succeeded();
    eventually("no mail waits", async || list().await.is_empty()).await;
    mailbox.refuse(451);
    bob.task(project, json!({"title": "Dig", "assignee_id": cleo.id})).await;
    eventually("the mail waits", async || list().await.lines().count() == 1).await;
    bob.erase().await.expect(204);
    erased(installation).await;
    mailbox.accept();
    let mail = mailbox.wait_for(&cleo.email, 1).await.remove(0);
    for part in [mail.subject(), mail.text(), mail.html()] {
        assert!(!part.contains("Bartholomew"), "{part}");
    }
    assert!(mail.text().contains("Deleted user"), "{}", mail.text());
}
