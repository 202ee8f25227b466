//! Password hashes and the time that comparing takes.

use fasttrack_tests::{Account, Client, Installation, PASSWORD, Server, unique_email};
use serde_json::json;
use std::time::{Duration, Instant};

const COMPOSED: &str = "\u{c5}ngstr\u{f6}m-p\u{e9}";
const DECOMPOSED: &str = "A\u{30a}ngstro\u{308}m-pe\u{301}";

/// bcrypt of [`DECOMPOSED`] without normalization, as former releases hashed it.
const DECOMPOSED_HASH: &str = "$2b$04$abcdefghijklmnopqrstuuY0xYhVMARI6E8AyDTykJcKwSFtujPIm";

/// bcrypt of 100 times `x`: of byte 0xFF and the base64 of their SHA-384.
const LONG_HASH: &str = "$2b$04$abcdefghijklmnopqrstuuiH.YH9Ag5oPovaSoG/QePoBNqBFveMi";

/// Overwrites the hash of an account in the database.
fn store(server: &Server, email: &str, hash: &str) {
    server.installation().sql(&format!("UPDATE users SET password_hash = '{hash}' WHERE email = '{email}'"));
}

/// Fails unless the hash of the account begins like this.
fn begins(server: &Server, email: &str, beginning: &str) {
    // An address can't be NULL.
    server.installation().sql(&format!(
        "UPDATE users SET email = CASE WHEN substr(password_hash, 1, 7) = '{beginning}' THEN email END \
         WHERE email = '{email}'"
    ));
}

/// Returns how long a refused login takes.
async fn refused(client: &Client, email: &str) -> Duration {
    let body = json!({"email": email, "password": "wrong horse battery"});
    let begin = Instant::now();
    client.post("/auth/login", body).await.refused(401, "invalid_credentials");
    begin.elapsed()
}

/// Fails where refused logins of these accounts differ in time. The tolerance suits a busy machine: a hash of cost 4
/// alone takes a hundredth of the time of one of cost 11.
async fn alike(client: &Client, emails: [&str; 2]) {
    let mut fastest = [Duration::MAX; 2];
    for _ in 0..4 {
        for (fastest, email) in fastest.iter_mut().zip(emails) {
            *fastest = refused(client, email).await.min(*fastest);
        }
    }
    let [one, other] = fastest;
    assert!(one < other * 8 && other < one * 8, "{one:?} and {other:?}");
}

/// An account created at one cost, on a server that runs with another.
async fn with_another_cost(before: &str, after: &str) -> (Server, Account) {
    let installation = Installation::new().with("BCRYPT_COST", before);
    let server = installation.start();
    let ann = server.register().await;
    server.stop().await;
    let server = installation.with("BCRYPT_COST", after).start();
    let ann = ann.on(&server);
    (server, ann)
}

#[tokio::test]
async fn login_time_hides_old_hash_after_cost_was_raised() {
    let (server, ann) = with_another_cost("4", "11").await;
    let client = server.anonymous();
    begins(&server, &ann.email, "$2b$04$");
    alike(&client, [&ann.email, &unique_email("nobody")]).await;

    let again = ann.log_in_again().await;
    begins(&server, &ann.email, "$2b$11$");
    // No session ended by that, and the password is the same.
    ann.post("/auth/refresh", json!({"refresh_token": ann.refresh_token})).await.expect(200);
    again.get("/auth/me").await.expect(200);
    ann.log_in_again().await;
}

#[tokio::test]
async fn login_time_hides_old_hash_after_cost_was_lowered() {
    let (server, ann) = with_another_cost("11", "4").await;
    let client = server.anonymous();
    let young = server.register().await;
    let unknown = unique_email("nobody");
    alike(&client, [&ann.email, &unknown]).await;
    alike(&client, [&young.email, &unknown]).await;
    ann.log_in_again().await;
    begins(&server, &ann.email, "$2b$04$");
}

#[tokio::test]
async fn password_matches_in_every_unicode_normal_form() {
    let server = Server::shared();
    let client = server.anonymous();
    for (set, typed) in [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED), (DECOMPOSED, DECOMPOSED)] {
        let email = unique_email("forms");
        client.post("/auth/register", json!({"email": email, "password": set})).await.expect(201);
        let account = Account::log_in(&client, &email, typed).await;
        let change = json!({"current_password": typed, "new_password": PASSWORD});
        account.post("/auth/password/change", change).await.expect(200);
        let plain = json!({"email": email, "password": "Angstrom-pe"});
        client.post("/auth/login", plain).await.refused(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn password_length_is_counted_in_nfc() {
    let server = Server::shared();
    let client = server.anonymous();
    let register = |count: usize| {
        let password = "e\u{301}".repeat(count);
        client.post("/auth/register", json!({"email": unique_email("length"), "password": password}))
    };
    for count in [8, 128] {
        register(count).await.expect(201);
    }
    for count in [7, 129] {
        register(count).await.invalid(&["password"]);
    }
}

#[tokio::test]
async fn hash_of_unnormalized_password_still_verifies() {
    let server = Server::shared();
    let client = server.anonymous();
    let long = "x".repeat(100);
    for (hash, passwords) in [(DECOMPOSED_HASH, [DECOMPOSED, COMPOSED]), (LONG_HASH, [&long, &long])] {
        let email = unique_email("before");
        server.register_as(&email).await;
        store(&server, &email, hash);
        for password in passwords {
            Account::log_in(&client, &email, password).await;
        }
        let wrong = json!({"email": email, "password": PASSWORD});
        client.post("/auth/login", wrong).await.refused(401, "invalid_credentials");
    }
}
