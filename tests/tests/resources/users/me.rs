use fasttrack_tests::{Account, PASSWORD, Server, timestamp, unique_email};
use serde_json::{Value, json};

#[tokio::test]
async fn user_changes_name_and_address() {
    let server = Server::shared();
    let ann = server.register().await;
    let before = ann.get("/users/me").await.expect(200).data();
    let email = unique_email("Anna");
    let body = json!({"display_name": "  Anna ", "email": format!(" {email} "), "current_password": PASSWORD});
    let after = ann.patch("/users/me", body).await.expect(200).data();
    assert_eq!((&after["display_name"], &after["email"]), (&json!("Anna"), &json!(email.to_lowercase())));
    assert!(timestamp(&after["updated_at"]) > timestamp(&before["updated_at"]));
    for same in ["id", "role", "is_active", "created_at"] {
        assert_eq!(before[same], after[same]);
    }
    assert_eq!(ann.get("/users/me").await.expect(200).data(), after);
    // The new address logs in, the old one is free.
    Account::log_in(&server.anonymous(), &email, PASSWORD).await;
    Account::register(server.anonymous(), &ann.email).await;
}

#[tokio::test]
async fn patch_without_change_keeps_user() {
    let server = Server::shared();
    let ann = server.register().await;
    let before = ann.get("/users/me").await.expect(200).data();
    for body in [json!({}), json!({"email": ann.email.to_uppercase()}), json!({"display_name": before["display_name"]})]
    {
        assert_eq!(ann.patch("/users/me", body).await.expect(200).data(), before);
    }
}

#[tokio::test]
async fn address_in_use_is_refused() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let taken = json!({"email": bob.email.to_uppercase(), "current_password": PASSWORD});
    ann.patch("/users/me", taken).await.refused(409, "email_taken");
    assert_eq!(ann.get("/users/me").await.expect(200).data()["email"], ann.email);
}

#[tokio::test]
async fn user_cannot_change_own_role() {
    let server = Server::shared();
    let ann = server.register().await;
    for (field, value) in [
        ("role", json!("admin")),
        ("is_active", json!(true)),
        ("id", json!(1)),
        ("password", json!(PASSWORD)),
        ("display_name", Value::Null),
        ("display_name", json!("")),
        ("display_name", json!("x".repeat(101))),
        ("display_name", json!("a\u{0}b")),
        ("display_name", json!(7)),
        ("email", Value::Null),
        ("email", json!("no address")),
        ("email", json!("a\u{0}@example.org")),
        ("email", json!("\"a b\"@x.org")),
        ("current_password", Value::Null),
        ("current_password", json!(7)),
    ] {
        ann.patch("/users/me", json!({field: value})).await.invalid(&[field]);
    }
    let all = json!({"role": "admin", "display_name": "", "email": "x"});
    ann.patch("/users/me", all).await.invalid(&["role", "display_name", "email"]);
    ann.get("/users").await.refused(403, "forbidden");
}
