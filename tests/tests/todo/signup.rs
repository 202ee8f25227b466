//! Sign-up at `/api/auth/signup`.

use super::path;
use fasttrack_testkit::smtp::{Security, SmtpServer};
use fasttrack_tests::{Account, Installation, PASSWORD, Server, eventually, has_fields, timestamp, unique_email};
use serde_json::json;

const SIGNUP: &str = "/api/auth/signup";

#[tokio::test]
async fn signed_up_user_can_log_in_and_use_todos() {
    let server = Server::shared();
    let email = unique_email("Ann");
    let body = json!({"email": format!(" {email} "), "password": PASSWORD});
    let answer = server.anonymous().post(SIGNUP, body).await.expect(201);
    let account = answer.json();
    has_fields(&account, &["id", "email", "created_at"]);
    assert_eq!(account["email"], email.to_lowercase());
    timestamp(&account["created_at"]);
    let ann = Account::log_in(&server.anonymous(), &email, PASSWORD).await;
    assert_eq!(account["id"], ann.id);
    let me = ann.get("/users/me").await.expect(200).data();
    assert_eq!((&me["role"], &me["created_at"]), (&json!("user"), &account["created_at"]));
    assert_eq!(ann.get(path(&ann)).await.expect(200).json(), json!([]));
}

#[tokio::test]
async fn signup_with_taken_address_is_409() {
    let server = Server::shared();
    let ann = server.register().await;
    let body = json!({"email": ann.email.to_uppercase(), "password": PASSWORD});
    server.anonymous().post(SIGNUP, body).await.problem(409, "email_taken");
}

#[tokio::test]
async fn every_invalid_signup_field_is_named() {
    let server = Server::shared();
    let email = unique_email("ann");
    for (body, fields) in [
        (json!({}), vec!["email", "password"]),
        (json!({"email": "ann", "password": "short"}), vec!["email", "password"]),
        (json!({"email": email, "password": "x".repeat(129)}), vec!["password"]),
        (json!({"email": email, "password": null}), vec!["password"]),
        (json!({"email": email, "password": PASSWORD, "role": "admin"}), vec!["role"]),
        (json!({"email": email, "password": PASSWORD, "display_name": "Ann"}), vec!["display_name"]),
        (json!([]), vec!["body"]),
    ] {
        let answer = server.anonymous().post(SIGNUP, body).await;
        assert!(!answer.body.contains(PASSWORD));
        assert_eq!(answer.problem(400, "validation_failed"), fields);
    }
    server.anonymous().post(SIGNUP, json!({"email": email, "password": PASSWORD})).await.expect(201);
}

#[tokio::test]
async fn signup_is_refused_while_registration_is_closed() {
    let server = Installation::new().with("REGISTRATION", "closed").start();
    let body = json!({"email": unique_email("ann"), "password": PASSWORD});
    server.anonymous().post(SIGNUP, body).await.problem(403, "forbidden");
}

#[tokio::test]
async fn signup_sends_verification_mail() {
    let smtp = SmtpServer::start(Security::None);
    let installation = Installation::new().with("SMTP_URL", smtp.url()).with("MAIL_FROM", "garden@example.org");
    let server = installation.start();
    let email = unique_email("ann");
    server.anonymous().post(SIGNUP, json!({"email": email, "password": PASSWORD})).await.expect(201);
    eventually("there is a mail", async || !smtp.mails().is_empty()).await;
    let mails = smtp.mails();
    assert_eq!((mails.len(), &mails[0].to), (1, &vec![email]));
    assert!(mails[0].subject().contains("Verify your email address"));
}
