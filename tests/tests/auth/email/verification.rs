//! Verification of an address by a mailed token.

use super::{MailSetup, VERIFY, log_in, me, resend, token, verify};
use fasttrack_tests::{Account, BARE, PASSWORD, Server, all, eventually, unique_email};
use serde_json::{Value, json};

#[tokio::test]
async fn verification_token_verifies_address_once() {
    let setup = MailSetup::start();
    let client = setup.server.anonymous();
    let ann = setup.server.register().await;
    assert_eq!(me(&ann).await["email_verified"], false);
    let token = setup.token(&ann.email, 1).await;
    assert_eq!(verify(&client, &token).accept(BARE).await.expect(200).body, "null");
    let after = me(&ann).await;
    assert_eq!((&after["email_verified"], &after["pending_email"]), (&json!(true), &Value::Null));
    verify(&client, &token).await.refused(400, "invalid_verification_token");
    assert_eq!(setup.smtp.mails().len(), 1, "no welcome besides");
}

#[tokio::test]
async fn unknown_verification_tokens_and_wrong_bodies_are_refused() {
    let server = Server::shared();
    let client = server.anonymous();
    for unknown in ["", "token", &"x".repeat(43), &"é".repeat(5000)] {
        verify(&client, unknown).await.refused(400, "invalid_verification_token");
    }
    client.post("/auth/email/verify", json!({})).await.invalid(&["token"]);
    client.post("/auth/email/verify", json!({"token": 7})).await.invalid(&["token"]);
    client.post("/auth/email/verify", json!({"token": "x", "email": "a@b.org"})).await.invalid(&["email"]);
    client.post("/auth/email/verify/resend", json!({})).await.refused(401, "token_missing");
}

#[tokio::test]
async fn verification_token_ends_with_next_one_or_after_a_day() {
    let setup = MailSetup::start();
    let client = setup.server.anonymous();
    let ann = setup.server.register().await;
    let first = setup.token(&ann.email, 1).await;
    assert_eq!(resend(&ann).await.expect(202).data(), Value::Null);
    let second = setup.token(&ann.email, 2).await;
    verify(&client, &first).await.refused(400, "invalid_verification_token");
    let installation = setup.server.installation();
    installation.sql(if installation.is_on_postgres() {
        "UPDATE email_verifications SET expires_at = expires_at - INTERVAL '24 hours'"
    } else {
        "UPDATE email_verifications SET expires_at = expires_at - 86400 * 1000000"
    });
    verify(&client, &second).await.refused(400, "invalid_verification_token");
    resend(&ann).await.expect(202);
    verify(&client, &setup.token(&ann.email, 3).await).await.expect(200);
    // There is nothing left to prove.
    resend(&ann).await.expect(202);
    let bob = setup.server.register().await;
    setup.token(&bob.email, 1).await;
    assert_eq!(setup.mails(&ann.email, VERIFY).len(), 3);
}

#[tokio::test]
async fn at_most_five_verification_mails_are_resent_a_day() {
    let setup = MailSetup::strict();
    let client = setup.server.anonymous();
    let email = unique_email("flooded");
    setup.register(&email).await;
    setup.token(&email, 1).await;
    let mut last = String::new();
    for count in 2..=6 {
        log_in(&client, &email).await.refused(403, "email_unverified");
        last = setup.token(&email, count).await;
    }
    for _ in 0..3 {
        for answer in all((0..10).map(|_| log_in(&client, &email))).await {
            answer.refused(403, "email_unverified");
        }
        // What came first was done first.
        let other = unique_email("other");
        setup.register(&other).await;
        setup.token(&other, 1).await;
    }
    assert_eq!(setup.mails(&email, VERIFY).len(), 6);
    verify(&client, &last).await.expect(200);
    log_in(&client, &email).await.expect(200);
}

#[tokio::test]
async fn unverified_user_logs_in_only_where_verification_is_optional() {
    let setup = MailSetup::strict();
    let client = setup.server.anonymous();
    let email = unique_email("unproven");
    setup.register(&email).await;
    let wrong = json!({"email": email, "password": "not this one"});
    client.post("/auth/login", wrong).await.refused(401, "invalid_credentials");
    log_in(&client, &email).await.refused(403, "email_unverified");
    verify(&client, &setup.token(&email, 2).await).await.expect(200);
    log_in(&client, &email).await.expect(200);
    // Who holds the machine needs no proof.
    setup.server.admin().await;

    let lenient = Server::shared();
    lenient.register().await;
}

#[tokio::test]
async fn password_reset_verifies_address() {
    let setup = MailSetup::strict();
    let client = setup.server.anonymous();
    let email = unique_email("forgetful");
    setup.register(&email).await;
    client.post("/auth/password/forgot", json!({"email": email})).await.expect(202);
    let subject = "Choose a new password";
    eventually("the mail is there", async || !setup.mails(&email, subject).is_empty()).await;
    let token = token(&setup.mails(&email, subject)[0]);
    client.post("/auth/password/reset", json!({"token": token, "new_password": PASSWORD})).await.expect(200);
    let ann = Account::log_in(&client, &email, PASSWORD).await;
    assert_eq!(me(&ann).await["email_verified"], true);
}

#[tokio::test]
async fn verification_mail_links_to_configured_page() {
    let page = "https://app.example.org/verify?token={token}";
    let setup = MailSetup::of(|installation| installation.with("EMAIL_VERIFICATION_URL", page));
    let ann = setup.server.register().await;
    eventually("the mail is there", async || !setup.mails(&ann.email, VERIFY).is_empty()).await;
    let text = setup.mails(&ann.email, VERIFY)[0].text();
    let link = text.lines().find_map(|line| line.strip_prefix("    ")).unwrap();
    verify(&ann, link.strip_prefix("https://app.example.org/verify?token=").unwrap()).await.expect(200);
}

#[tokio::test]
async fn verification_token_is_only_in_the_mail() {
    let setup = MailSetup::of(|installation| installation.with("RUST_LOG", "trace"));
    let ann = setup.server.register().await;
    let token = setup.token(&ann.email, 1).await;
    verify(&ann, &token).await.expect(200);
    if !setup.server.installation().is_on_postgres() {
        for file in ["fasttrack.db", "fasttrack.db-wal"] {
            let bytes = std::fs::read(setup.server.installation().path(file)).unwrap();
            assert!(!bytes.windows(token.len()).any(|part| part == token.as_bytes()), "{file}");
        }
    }
    assert!(!setup.server.log().contains(&token));
}
