//! Erasure of accounts of external users.

use super::{accounts::proven, issuer::Issuer};
use fasttrack_tests::{Installation, Mailbox, PASSWORD, Server, jwt};
use reqwest::Method;
use serde_json::{Value, json};

/// Returns the server's time in seconds.
async fn now(server: &Server) -> i64 {
    jwt::claims(&server.register().await.access_token)["iat"].as_i64().unwrap()
}

#[tokio::test]
async fn token_from_before_the_erasure_is_revoked() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let admin = server.admin().await;
    let before = now(&server).await;
    let said = |issued: Value| json!({"sub": "u-1", "email": "ann@example.org", "email_verified": true, "iat": issued});
    let external = issuer.user(&server, said(json!(before)));
    let id = external.get("/auth/me").await.expect(200).id();
    let project = external.post("/projects", json!({"name": "Garden"})).await.expect(201).id();
    let mut socket = external.socket("?since=0").open().await;
    // There is no password that could be asked for.
    assert_eq!(external.delete("/users/me").await.expect(204).body, "");
    assert_eq!(socket.closed().await, Some(4401));
    admin.get(format!("/projects/{project}")).await.refused(404, "not_found");

    let unissued = issuer.user(&server, json!({"sub": "u-1"}));
    for old in [&external, &issuer.user(&server, said(json!(before - 60))), &unissued] {
        old.get("/auth/me").await.refused(401, "token_revoked");
        old.socket("").await.refused(401, "token_revoked");
    }
    // Other users are not concerned, also without a time of issue.
    issuer.user(&server, json!({"sub": "u-2"})).get("/auth/me").await.expect(200);

    // A later login makes a new account.
    let later = issuer.user(&server, said(json!(before + 3_600)));
    let me = later.get("/auth/me").await.expect(200).data();
    assert!(me["id"].as_i64().unwrap() > id, "{me:#}");
    assert_eq!(me["email"], "ann@example.org");
    assert_eq!(later.get("/projects").await.expect(200).ids(), [0; 0]);
    external.get("/auth/me").await.refused(401, "token_revoked");
}

#[tokio::test]
async fn linked_account_is_erased_with_its_password() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let local = proven(&server).await;
    let before = now(&server).await;
    let said = json!({"sub": "u-1", "email": local.email, "email_verified": true, "iat": before});
    let external = issuer.user(&server, said);
    assert_eq!(external.get("/auth/me").await.expect(200).id(), local.id);
    let identities = external.get("/users/me/export").await.expect(200).json()["identities"].clone();
    assert_eq!(identities.as_array().unwrap().len(), 1);
    assert_eq!(identities[0]["subject"], "u-1");
    external.delete("/users/me").await.invalid_as("password", "required");
    let erase = external.request(Method::DELETE, "/users/me");
    erase.body("application/json", json!({"password": PASSWORD}).to_string()).await.expect(204);
    external.get("/auth/me").await.refused(401, "token_revoked");
    local.get("/auth/me").await.refused(401, "token_revoked");
}

#[tokio::test]
async fn external_user_accepts_an_invitation() {
    let issuer = Issuer::new().await;
    let mailbox = Mailbox::start();
    let server = mailbox.receiving(issuer.trusted_by(Installation::new())).start();
    let ann = server.register().await;
    let project = ann.project().await;
    ann.invite(project, "bob@example.org", "editor").await;
    let token = mailbox.token("bob@example.org", 1).await;
    let bob = issuer.user(&server, json!({"sub": "u-1", "name": "Bob"}));
    let accepted = bob.post("/invitations/accept", json!({"token": token})).await.expect(200).data();
    assert_eq!(accepted["role"], "editor");
    // By its account it finds the people, and is found as a Person: the subject is nowhere.
    let me = bob.get("/users/me").await.expect(200).id();
    let people = bob.get("/people").await.expect(200).items();
    assert_eq!(people, [ann.person(), json!({"id": me, "display_name": "Bob"})]);
    let task = json!({"title": "Dig", "assignee_id": me});
    let task = bob.post(format!("/projects/{project}/tasks"), task).await.expect(201).data();
    assert_eq!(task["assignee"], people[1]);
    assert_eq!(ann.get(format!("/projects/{project}/tasks")).await.expect(200).items(), [task]);
}
