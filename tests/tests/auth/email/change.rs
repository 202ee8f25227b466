//! Change of the address, and notices of security events.

use super::{MailSetup, log_in, me, new_address, verify};
use fasttrack_tests::{PASSWORD, eventually, unique_email};
use serde_json::{Value, json};

#[tokio::test]
async fn new_address_needs_verification_and_old_one_is_notified() {
    let setup = MailSetup::start();
    let client = setup.server.anonymous();
    let ann = setup.proven().await;
    let next = unique_email("next");
    let changed = ann.patch("/users/me", new_address(&next)).await.expect(200).data();
    assert_eq!(
        (&changed["email"], &changed["email_verified"], &changed["pending_email"]),
        (&json!(next), &json!(false), &Value::Null)
    );
    setup.noticed(&ann.email, "Your email address was changed").await;
    log_in(&client, &next).await.expect(200);
    log_in(&client, &ann.email).await.refused(401, "invalid_credentials");
    verify(&client, &setup.token(&next, 1).await).await.expect(200);
    assert_eq!(me(&ann).await["email_verified"], true);
}

#[tokio::test]
async fn verified_address_stays_until_new_one_is_verified() {
    let setup = MailSetup::strict();
    let client = setup.server.anonymous();
    let ann = setup.proven().await;
    let (first, next) = (unique_email("first"), unique_email("next"));
    ann.patch("/users/me", new_address(&first)).await.expect(200);
    let abandoned = setup.token(&first, 1).await;
    let changed = ann.patch("/users/me", new_address(&next)).await.expect(200).data();
    assert_eq!(
        (&changed["email"], &changed["email_verified"], &changed["pending_email"]),
        (&json!(ann.email), &json!(true), &json!(next))
    );
    log_in(&client, &ann.email).await.expect(200);
    log_in(&client, &next).await.refused(401, "invalid_credentials");
    verify(&client, &abandoned).await.refused(400, "invalid_verification_token");
    eventually("the old address is told", async || {
        setup.mails(&ann.email, "Your email address is to be changed").len() == 2
    })
    .await;

    verify(&client, &setup.token(&next, 1).await).await.expect(200);
    log_in(&client, &next).await.expect(200);
    log_in(&client, &ann.email).await.refused(401, "invalid_credentials");
    let after = me(&ann).await;
    assert_eq!((&after["email"], &after["pending_email"]), (&json!(next), &Value::Null));
}

#[tokio::test]
async fn pending_address_registered_by_another_user_is_taken() {
    let setup = MailSetup::strict();
    let client = setup.server.anonymous();
    let (ann, bob) = (setup.proven().await, setup.proven().await);
    ann.patch("/users/me", new_address(&bob.email)).await.refused(409, "email_taken");
    let next = unique_email("wanted");
    ann.patch("/users/me", new_address(&next)).await.expect(200);
    let token = setup.token(&next, 1).await;
    setup.register(&next).await;
    verify(&client, &token).await.refused(409, "email_taken");
    let after = me(&ann).await;
    assert_eq!((&after["email"], &after["pending_email"]), (&json!(ann.email), &json!(next)));
}

#[tokio::test]
async fn stolen_access_token_cannot_change_address() {
    let setup = MailSetup::start();
    let ann = setup.proven().await;
    let thief = unique_email("thief");
    ann.patch("/users/me", json!({"email": thief})).await.invalid(&["current_password"]);
    let answer = ann.patch("/users/me", json!({"email": thief})).await;
    assert_eq!(answer.json()["error"]["details"][0]["code"], "required");
    let guess = json!({"email": thief, "current_password": "not this one"});
    ann.patch("/users/me", guess).await.refused(401, "invalid_credentials");
    assert_eq!(me(&ann).await["email"], json!(ann.email));
    // What isn't about the address needs no password.
    ann.patch("/users/me", json!({"display_name": "Anna", "email": ann.email})).await.expect(200);
}

#[tokio::test]
async fn owner_is_notified_once_of_each_security_event() {
    let setup = MailSetup::start();
    let ann = setup.proven().await;
    let change = json!({"current_password": PASSWORD, "new_password": "another horse battery"});
    ann.post("/auth/password/change", change).await.expect(200);
    setup.noticed(&ann.email, "Your password was changed").await;
    for _ in 0..3 {
        ann.post("/auth/refresh", json!({"refresh_token": ann.refresh_token})).await;
    }
    setup.noticed(&ann.email, "One of your sessions was ended").await;
    let set = setup.server.installation().command(["user", "set-password", "--email", &ann.email]);
    set.input(PASSWORD).run().await.succeeded();
    eventually("the reset is told", async || setup.mails(&ann.email, "Your password was changed").len() == 2).await;
}
