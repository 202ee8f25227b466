use fasttrack_tests::{Account, BARE, Installation, PASSWORD, Server, all, has_fields, timestamp, unique_email};
use serde_json::{Value, json};

const USER: [&str; 9] =
    ["id", "email", "email_verified", "pending_email", "display_name", "role", "is_active", "created_at", "updated_at"];

#[tokio::test]
async fn registration_creates_active_user_without_rights() {
    let server = Server::shared();
    let email = unique_email("Ann.Lee");
    let body = json!({"email": format!("  {email} "), "password": PASSWORD, "display_name": "  Ann Lee\t"});
    let answer = server.anonymous().post("/auth/register", body).await.expect(201);
    assert!(!answer.body.contains(PASSWORD) && !answer.body.contains("$2"), "{answer:#?}");

    let user = answer.data();
    has_fields(&user, &USER);
    assert!(user["id"].as_i64().unwrap() > 0);
    assert_eq!(user["email"], email.to_lowercase());
    assert_eq!(user["display_name"], "Ann Lee");
    assert_eq!(user["role"], "user");
    assert_eq!(user["is_active"], true);
    assert_eq!((&user["email_verified"], &user["pending_email"]), (&Value::Bool(false), &Value::Null));
    assert_eq!(timestamp(&user["created_at"]), timestamp(&user["updated_at"]));

    let ann = Account::log_in(&server.anonymous(), &email, PASSWORD).await;
    assert_eq!(ann.get("/auth/me").await.expect(200).data(), user);
    assert_eq!(ann.get("/users/me").await.expect(200).data(), user);
}

#[tokio::test]
async fn default_display_name_is_local_part_of_address() {
    let server = Server::shared();
    let email = unique_email("bob");
    let body = json!({"email": email, "password": PASSWORD});
    let user = server.anonymous().post("/auth/register", body).accept(BARE).await.expect(201).json();
    assert_eq!(user["display_name"].as_str(), email.strip_suffix("@example.org"));
}

/// An address of `length` characters, no part of which is too long by itself.
fn address(length: usize) -> String {
    let fixed = format!("{}@{}.{}.org", "a".repeat(64), "b".repeat(63), "c".repeat(60));
    let rest = length - fixed.len() - 1;
    fixed.replace('@', &format!("@{}.", "d".repeat(rest)))
}

#[tokio::test]
async fn address_has_at_most_254_characters() {
    let server = Server::start();
    let ann = Account::register(server.anonymous(), &address(254)).await;
    assert_eq!(ann.email.len(), 254);
    let body = json!({"email": address(255), "password": PASSWORD});
    server.anonymous().post("/auth/register", body).await.invalid(&["email"]);
}

#[tokio::test]
async fn value_out_of_bounds_is_named() {
    let server = Server::shared();
    let client = server.anonymous();
    let cases = [
        ("email", json!("")),
        ("email", json!("ann")),
        ("email", json!("ann@")),
        ("email", json!("@example.org")),
        ("email", json!("a b@example.org")),
        ("email", json!("ann\u{0}@example.org")),
        ("email", json!(7)),
        ("email", json!(["ann@example.org"])),
        ("email", Value::Null),
        ("password", json!("")),
        ("password", json!("1234567")),
        ("password", json!("é".repeat(7))),
        ("password", json!("x".repeat(129))),
        ("password", json!("12345678\u{0}")),
        ("password", json!(12_345_678)),
        ("password", Value::Null),
        ("display_name", json!("")),
        ("display_name", json!(" \t\n ")),
        ("display_name", json!("x".repeat(101))),
        ("display_name", json!("a\u{0}b")),
        ("display_name", json!(false)),
    ];
    for (field, value) in cases {
        let mut body = json!({"email": unique_email("bounds"), "password": PASSWORD, "display_name": "Ann"});
        body[field] = value;
        client.post("/auth/register", body).await.invalid(&[field]);
    }
}

#[tokio::test]
async fn values_at_bounds_are_accepted() {
    let server = Server::shared();
    let client = server.anonymous();
    for (password, name) in [
        ("12345678".to_owned(), "x".to_owned()),
        ("é".repeat(8), "é".repeat(100)),
        (" ".repeat(8), format!(" {} ", "y".repeat(100))),
        ("🌳".repeat(128), "🌳".repeat(100)),
    ] {
        let email = unique_email("bounds");
        let body = json!({"email": email, "password": password, "display_name": name});
        let user = client.post("/auth/register", body).await.expect(201).data();
        assert_eq!(user["display_name"], name.trim());
        Account::log_in(&client, &email, &password).await;
    }
}

#[tokio::test]
async fn all_invalid_fields_are_listed_at_once() {
    let server = Server::shared();
    let client = server.anonymous();
    client.post("/auth/register", json!({})).await.invalid(&["email", "password"]);
    let body = json!({"email": 5, "password": "short", "display_name": "", "is_active": true, "x": null});
    let fields = ["email", "password", "display_name", "is_active", "x"];
    client.post("/auth/register", body).await.invalid(&fields);
}

#[tokio::test]
async fn registration_with_role_is_refused() {
    let server = Server::shared();
    let email = unique_email("climber");
    let body = json!({"email": email, "password": PASSWORD, "role": "admin"});
    server.anonymous().post("/auth/register", body).await.invalid(&["role"]);
    let login = json!({"email": email, "password": PASSWORD});
    server.anonymous().post("/auth/login", login).await.refused(401, "invalid_credentials");
}

#[tokio::test]
async fn address_is_unique_regardless_of_case() {
    let server = Server::shared();
    let ann = server.register().await;
    for taken in [ann.email.clone(), ann.email.to_uppercase(), format!(" {} ", ann.email)] {
        let body = json!({"email": taken, "password": PASSWORD});
        server.anonymous().post("/auth/register", body).await.refused(409, "email_taken");
    }
}

#[tokio::test]
async fn one_of_concurrent_registrations_succeeds() {
    let server = Server::shared();
    let body = json!({"email": unique_email("race"), "password": PASSWORD});
    let client = server.anonymous();
    let answers = all((0..16).map(|_| client.post("/auth/register", body.clone()))).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(made.len(), 1);
    for answer in refused {
        answer.refused(409, "email_taken");
    }
}

#[tokio::test]
async fn closed_registration_is_refused_after_validation() {
    let server = Installation::new().with("REGISTRATION", "closed").start();
    let client = server.anonymous();
    let body = json!({"email": "ann@example.org", "password": PASSWORD});
    client.post("/auth/register", body).await.refused(403, "forbidden");
    client.post("/auth/register", json!({"email": "ann@example.org"})).await.invalid(&["password"]);
    // The command line still makes accounts, and its address is not told from a free one.
    let admin = server.admin().await;
    let body = json!({"email": admin.email, "password": PASSWORD});
    client.post("/auth/register", body).await.refused(403, "forbidden");
}
