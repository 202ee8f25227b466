//! Accounts of external users.

use super::issuer::Issuer;
use fasttrack_testkit::smtp::{Security, SmtpServer};
use fasttrack_tests::{Account, Installation, PASSWORD, Server, all, eventually};
use serde_json::{Value, json};

#[tokio::test]
async fn first_external_token_creates_one_account() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let said = json!({"sub": "u-1", "email": "Ann@example.org", "email_verified": true, "name": "Ann ".repeat(60)});
    let me = issuer.user(&server, said).get("/auth/me").await.expect(200).data();
    assert_eq!(
        (&me["email"], &me["email_verified"], &me["role"], &me["is_active"]),
        (&json!("ann@example.org"), &json!(true), &json!("user"), &json!(true))
    );
    assert_eq!(me["display_name"].as_str().unwrap().chars().count(), 100 - 1, "cut, and trimmed");
    // Whatever a later token says of the same user.
    for said in [json!({"sub": "u-1"}), json!({"sub": "u-1", "email": "other@example.org", "name": "Other"})] {
        assert_eq!(issuer.user(&server, said).get("/auth/me").await.expect(200).data(), me);
    }
    let other = issuer.user(&server, json!({"sub": "U-1"})).get("/auth/me").await.expect(200);
    assert_ne!(other.id(), me["id"].as_i64().unwrap(), "a subject is one to the letter");
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn account_without_address_gets_undeliverable_one() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let mut addresses = Vec::new();
    for said in [
        json!({"sub": "1"}),
        json!({"sub": "2", "email": "no address", "email_verified": true}),
        json!({"sub": "3", "name": "Ann"}),
        json!({"sub": "4", "email": "claimed@example.org"}),
        json!({"sub": "5", "email": "claimed@example.org", "email_verified": false}),
        json!({"sub": "6", "email": "claimed@example.org", "email_verified": true, "emailVerified": false}),
    ] {
        let me = issuer.user(&server, said.clone()).get("/auth/me").await.expect(200).data();
        let (local, domain) = me["email"].as_str().unwrap().split_once('@').unwrap();
        assert_eq!((domain, &me["email_verified"]), ("external.invalid", &json!(false)));
        assert_eq!(me["display_name"], said.get("name").cloned().unwrap_or(json!(local)));
        addresses.push(me["email"].clone());
    }
    addresses.dedup();
    assert_eq!(addresses.len(), 6);
    // What was claimed is still its owner's.
    server.register_as("claimed@example.org").await;
}

#[tokio::test]
async fn concurrent_first_requests_create_one_account() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    for said in [json!({"sub": "1"}), json!({"sub": "2", "email": "ann@example.org", "email_verified": true})] {
        let requests = (0..20).map(|_| issuer.user(&server, said.clone()).get("/auth/me"));
        let mut ids: Vec<_> = all(requests).await.into_iter().map(|answer| answer.expect(200).id()).collect();
        ids.dedup();
        assert_eq!(ids.len(), 1);
    }
    assert_eq!(server.admin().await.get("/users").await.expect(200).ids().len(), 3);
}

/// Registers a user whose address is marked as verified in the database.
pub async fn proven(server: &Server) -> Account {
    let account = server.register().await;
    let proven = if server.installation().is_on_postgres() { "TRUE" } else { "1" };
    let id = account.id;
    server.installation().sql(&format!("UPDATE users SET is_email_verified = {proven} WHERE id = {id}"));
    account
}

fn owner_of(account: &Account) -> Value {
    json!({"sub": format!("u-{}", account.id), "email": account.email.to_uppercase(), "emailVerified": true})
}

#[tokio::test]
async fn verified_owner_is_linked_to_verified_account() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let local = proven(&server).await;
    let project = local.project().await;
    let external = issuer.user(&server, owner_of(&local));
    let me = external.get("/auth/me").await.expect(200).data();
    assert_eq!(me, local.get("/auth/me").await.expect(200).data());
    assert_eq!(external.get("/projects").await.expect(200).ids(), [project]);
    local.log_in_again().await;
    // From now on they are the same, whatever becomes of the address.
    let moved = json!({"email": format!("new-{}", local.email), "current_password": PASSWORD});
    local.patch("/users/me", moved).await.expect(200);
    let later = issuer.user(&server, json!({"sub": format!("u-{}", local.id)}));
    assert_eq!(later.get("/auth/me").await.expect(200).id(), local.id);
}

#[tokio::test]
async fn unverified_address_is_never_linked() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let local = server.register().await;
    for (n, claim) in [
        json!({}),
        json!({"email_verified": false}),
        json!({"emailVerified": "true"}),
        json!({"email_verified": true, "emailVerified": false}),
    ]
    .into_iter()
    .enumerate()
    {
        let mut said = json!({"sub": format!("claims-{n}"), "email": local.email});
        said.as_object_mut().unwrap().extend(claim.as_object().unwrap().clone());
        let me = issuer.user(&server, said).get("/auth/me").await.expect(200).data();
        assert_ne!(me["id"], local.id);
        assert!(me["email"].as_str().unwrap().ends_with("@external.invalid"), "{me}");
    }
    local.log_in_again().await;
}

#[tokio::test]
async fn verified_owner_takes_over_unverified_account() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    // Somebody registers the address of somebody else, and gets ready to stay.
    let squatter = server.register().await;
    let project = squatter.project().await;
    let again = squatter.log_in_again().await;
    let mut socket = squatter.follow(0).await;
    let kept = squatter.api_token(json!({"scopes": ["projects:read"]})).await;
    kept.get("/projects").await.expect(200);

    let owner = issuer.user(&server, owner_of(&squatter));
    let me = owner.get("/auth/me").await.expect(200).data();
    assert_eq!((&me["id"], &me["email_verified"]), (&json!(squatter.id), &json!(true)));
    assert_eq!(owner.get("/projects").await.expect(200).ids(), [project]);
    assert_eq!(socket.closed().await, Some(4401));
    for session in [&squatter, &again] {
        session.get("/auth/me").await.refused(401, "token_revoked");
        let refresh = json!({"refresh_token": session.refresh_token});
        session.post("/auth/refresh", refresh).await.refused(401, "invalid_refresh_token");
    }
    let client = server.anonymous();
    let login = json!({"email": squatter.email, "password": PASSWORD});
    client.post("/auth/login", login).await.refused(401, "invalid_credentials");
    kept.get("/projects").await.refused(401, "token_revoked");
    for list in ["/auth/sessions", "/auth/tokens"] {
        assert_eq!(owner.get(list).await.expect(200).items(), Vec::<Value>::new(), "{list}");
    }
    // It counts as made by the issuer.
    let set = server.installation().command(["user", "set-password", "--email", &squatter.email]);
    set.input(PASSWORD).run().await.failed(1);
}

#[tokio::test]
async fn takeover_removes_other_identities() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let squatter = issuer.user(&server, json!({"sub": "squatter"}));
    let id = squatter.get("/auth/me").await.expect(200).id();
    squatter.patch("/users/me", json!({"email": "ann@example.org"})).await.expect(200);
    let owner = issuer.user(&server, json!({"sub": "ann", "email": "ann@example.org", "email_verified": true}));
    assert_eq!(owner.get("/auth/me").await.expect(200).id(), id);
    assert_ne!(squatter.get("/auth/me").await.expect(200).id(), id);
}

#[tokio::test]
async fn one_of_concurrent_takeovers_succeeds() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let squatter = server.register().await;
    let requests = (0..20).map(|_| issuer.user(&server, owner_of(&squatter)).get("/auth/me"));
    for answer in all(requests).await {
        assert_eq!(answer.expect(200).id(), squatter.id);
    }
}

#[tokio::test]
async fn admin_account_is_never_linked_by_address() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let admin = server.admin().await;
    let external = issuer.user(&server, owner_of(&admin));
    external.get("/auth/me").await.refused(403, "forbidden");
    // Where nobody has to say who they are, it doesn't matter that they can't.
    external.get("/health/live").await.expect(200);
    let login = json!({"email": admin.email, "password": PASSWORD});
    external.post("/auth/login", login).await.expect(200);
    external.get("/nowhere").await.refused(404, "not_found");
    external.post("/projects", "no object").await.refused(403, "forbidden");
    admin.get("/users").await.expect(200);
}

#[tokio::test]
async fn external_account_sets_password_only_if_allowed() {
    for allowed in [false, true] {
        let smtp = SmtpServer::start(Security::None);
        let issuer = Issuer::new().await;
        let installation = issuer.trusted_by(Installation::new().with("SMTP_URL", smtp.url()));
        let server = installation.with("EXTERNAL_USERS_MAY_SET_PASSWORD", allowed.to_string()).start();
        let said = json!({"sub": "u-1", "email": "ann@example.org", "email_verified": true});
        issuer.user(&server, said).get("/auth/me").await.expect(200);
        let (client, bob) = (server.anonymous(), server.register().await);
        let resets = |to: &str| {
            let mails = smtp.mails().into_iter();
            mails.filter(|mail| mail.to == [to] && mail.subject() == "Choose a new password").count()
        };
        for email in ["ann@example.org", &bob.email] {
            client.post("/auth/password/forgot", json!({"email": email})).await.expect(202);
        }
        // What came first was done first.
        eventually("the mail for bob is there", async || resets(&bob.email) == 1).await;
        assert_eq!(resets("ann@example.org"), usize::from(allowed));
    }
}

#[tokio::test]
async fn external_account_password_works_only_while_allowed() {
    let issuer = Issuer::new().await;
    let installation = issuer.trusted_by(Installation::new());
    let allowing = installation.clone().with("EXTERNAL_USERS_MAY_SET_PASSWORD", "true");
    let server = allowing.start();
    let said = json!({"sub": "u-1", "email": "ann@example.org", "email_verified": true});
    issuer.user(&server, said).get("/auth/me").await.expect(200);
    let set = allowing.command(["user", "set-password", "--email", "ann@example.org"]);
    set.input(PASSWORD).run().await.succeeded();
    let login = json!({"email": "ann@example.org", "password": PASSWORD});
    server.anonymous().post("/auth/login", login.clone()).await.expect(200);
    server.kill();
    let server = installation.start();
    server.anonymous().post("/auth/login", login).await.refused(401, "invalid_credentials");
}

#[tokio::test]
async fn deactivated_account_is_not_linked() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let (admin, ann) = (server.admin().await, server.register().await);
    let path = format!("/users/{}", ann.id);
    admin.patch(&path, json!({"is_active": false})).await.expect(200);
    let external = issuer.user(&server, json!({"sub": "u-1", "email": ann.email, "email_verified": true}));
    external.get("/auth/me").await.refused(401, "token_revoked");
    admin.patch(&path, json!({"is_active": true})).await.expect(200);
    assert_eq!(external.get("/auth/me").await.expect(200).id(), ann.id);
}

#[tokio::test]
async fn external_account_has_no_password_or_sessions() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let said = json!({"sub": "u-1", "email": "ann@example.org", "email_verified": true});
    let external = issuer.user(&server, said);
    assert_eq!(external.get("/auth/sessions").await.expect(200).items(), Vec::<Value>::new());
    let change = json!({"current_password": PASSWORD, "new_password": "another horse battery"});
    external.post("/auth/password/change", change).await.refused(401, "invalid_credentials");
    let client = server.anonymous();
    let login = json!({"email": "ann@example.org", "password": PASSWORD});
    client.post("/auth/login", login).await.refused(401, "invalid_credentials");
    let register = json!({"email": "ann@example.org", "password": PASSWORD});
    client.post("/auth/register", register).await.refused(409, "email_taken");
}

#[tokio::test]
async fn local_and_external_users_share_projects() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let external = issuer.user(&server, json!({"sub": "u-1", "name": "Ann"}));
    let id = external.get("/auth/me").await.expect(200).id();
    let local = server.register().await;
    let project = external.post("/projects", json!({"name": "Garden"})).await.expect(201).id();
    let body = json!({"title": "Paint the fence", "assignee_id": local.id});
    let task = external.post(format!("/projects/{project}/tasks"), body).await.expect(201).id();
    local.patch(format!("/tasks/{task}"), json!({"status": "in_progress"})).await.expect(200);
    assert_eq!(local.get(format!("/tasks/{task}")).await.expect(200).data()["assignee_id"], local.id);
    let theirs = local.project().await;
    let task = local.task(theirs, json!({"assignee_id": id})).await;
    external.get(format!("/tasks/{task}")).await.expect(200);
    external.get(format!("/projects/{theirs}")).await.refused(403, "forbidden");
}

#[tokio::test]
async fn external_users_join_with_closed_registration() {
    let issuer = Issuer::new().await;
    let server = issuer.trusted_by(Installation::new().with("REGISTRATION", "closed")).start();
    issuer.user(&server, json!({"sub": "u-1"})).get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn linked_identity_survives_restart() {
    let issuer = Issuer::new().await;
    let installation = issuer.trusted_by(Installation::new());
    let server = installation.start();
    let local = proven(&server).await;
    let said = json!({"sub": "u-1", "email": local.email, "email_verified": true});
    assert_eq!(issuer.user(&server, said).get("/auth/me").await.expect(200).id(), local.id);
    server.kill();
    let server = installation.start();
    let me = issuer.user(&server, json!({"sub": "u-1"})).get("/auth/me").await;
    assert_eq!(me.expect(200).id(), local.id);
}
