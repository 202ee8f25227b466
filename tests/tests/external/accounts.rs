//! Whose account a user of the other issuer has.

use super::issuer::Issuer;
use fasttrack_tests::{Account, PASSWORD, all};
use serde_json::json;

#[tokio::test]
async fn whoever_comes_for_the_first_time_gets_an_account_and_keeps_it() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let said = json!({"sub": "u-1", "email": "Ann@example.org", "name": "Ann ".repeat(60)});
    let me = issuer.user(&server, said).get("/auth/me").await.expect(200).data();
    assert_eq!(
        (&me["email"], &me["role"], &me["is_active"]),
        (&json!("ann@example.org"), &json!("user"), &json!(true))
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
async fn without_an_address_an_account_has_one_where_no_mail_arrives() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let mut addresses = Vec::new();
    for said in [json!({"sub": "1"}), json!({"sub": "2", "email": "no address"}), json!({"sub": "3", "name": "Ann"})] {
        let me = issuer.user(&server, said.clone()).get("/auth/me").await.expect(200).data();
        let (local, domain) = me["email"].as_str().unwrap().split_once('@').unwrap();
        assert_eq!(domain, "external.invalid");
        assert_eq!(me["display_name"], said.get("name").cloned().unwrap_or(json!(local)));
        addresses.push(me["email"].clone());
    }
    addresses.dedup();
    assert_eq!(addresses.len(), 3);
}

#[tokio::test]
async fn first_requests_that_come_at_once_share_one_account() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    for said in [json!({"sub": "1"}), json!({"sub": "2", "email": "ann@example.org"})] {
        let requests = (0..20).map(|_| issuer.user(&server, said.clone()).get("/auth/me"));
        let mut ids: Vec<_> = all(requests).await.into_iter().map(|answer| answer.expect(200).id()).collect();
        ids.dedup();
        assert_eq!(ids.len(), 1);
    }
    assert_eq!(server.admin().await.get("/users").await.expect(200).ids().len(), 3);
}

#[tokio::test]
async fn an_account_that_has_the_address_is_linked_only_if_the_issuer_vouches_for_it() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    for (verified, vouches) in [
        (json!({}), false),
        (json!({"email_verified": false}), false),
        (json!({"emailVerified": "true"}), false),
        (json!({"email_verified": true}), true),
        (json!({"emailVerified": true}), true),
    ] {
        let local = server.register().await;
        let project = local.project().await;
        let mut said = json!({"sub": format!("u-{}", local.id), "email": local.email.to_uppercase(), "name": "Other"});
        said.as_object_mut().unwrap().extend(verified.as_object().unwrap().clone());
        let external = issuer.user(&server, said);
        if !vouches {
            external.get("/auth/me").await.refused(403, "forbidden");
            // Where nobody has to say who they are, it doesn't matter that they can't.
            external.get("/health/live").await.expect(200);
            let login = json!({"email": local.email, "password": PASSWORD});
            external.post("/auth/login", login).await.expect(200);
            external.get("/nowhere").await.refused(404, "not_found");
            external.post("/projects", "no object").await.refused(403, "forbidden");
            continue;
        }
        let me = external.get("/auth/me").await.expect(200).data();
        assert_eq!(me, local.get("/auth/me").await.expect(200).data());
        assert_eq!(external.get("/projects").await.expect(200).ids(), [project]);
        // From now on they are the same, whatever becomes of the address.
        local.patch("/users/me", json!({"email": format!("new-{}", local.email)})).await.expect(200);
        let later = issuer.user(&server, json!({"sub": format!("u-{}", local.id)}));
        assert_eq!(later.get("/auth/me").await.expect(200).id(), local.id);
    }
}

#[tokio::test]
async fn a_deactivated_account_is_not_linked() {
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
async fn an_account_of_another_issuer_has_no_password_and_no_sessions() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let external = issuer.user(&server, json!({"sub": "u-1", "email": "ann@example.org"}));
    assert_eq!(external.get("/auth/sessions").await.expect(200).items(), Vec::<serde_json::Value>::new());
    let change = json!({"current_password": PASSWORD, "new_password": "another horse battery"});
    external.post("/auth/password/change", change).await.refused(401, "invalid_credentials");
    let client = server.anonymous();
    let login = json!({"email": "ann@example.org", "password": PASSWORD});
    client.post("/auth/login", login).await.refused(401, "invalid_credentials");
    let register = json!({"email": "ann@example.org", "password": PASSWORD});
    client.post("/auth/register", register).await.refused(409, "email_taken");
}

#[tokio::test]
async fn accounts_of_both_kinds_work_on_the_same_things() {
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
async fn with_registration_closed_the_other_issuer_still_lets_people_in() {
    let issuer = Issuer::new().await;
    let server = issuer.trusted_by(fasttrack_tests::Installation::new().with("REGISTRATION", "closed")).start();
    issuer.user(&server, json!({"sub": "u-1"})).get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn what_is_linked_outlives_a_restart() {
    let issuer = Issuer::new().await;
    let installation = issuer.trusted_by(fasttrack_tests::Installation::new());
    let server = installation.start();
    let local: Account = server.register().await;
    let said = json!({"sub": "u-1", "email": local.email, "email_verified": true});
    assert_eq!(issuer.user(&server, said).get("/auth/me").await.expect(200).id(), local.id);
    server.kill();
    let server = installation.start();
    let me = issuer.user(&server, json!({"sub": "u-1"})).get("/auth/me").await;
    assert_eq!(me.expect(200).id(), local.id);
}
