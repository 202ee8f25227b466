//! Limits of failed logins.

use super::{guess, limited, login, standing};
use fasttrack_tests::{Installation, Server, all, eventually, unique_email};
use reqwest::Method;
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream};

/// A server with only this limit of failed logins.
fn with_login_limit(limit: u32) -> Server {
    Installation::new().with("LOGIN_RATE_LIMIT", limit.to_string()).start()
}

#[tokio::test]
async fn five_failed_logins_block_the_right_password_too() {
    let server = Installation::new().with("RATE_LIMIT_REQUESTS", "600").without("LOGIN_RATE_LIMIT").start();
    let ann = server.register().await;
    let client = server.anonymous();
    for remaining in (0..5).rev() {
        // Known and unknown addresses count alike.
        let email = if remaining % 2 == 0 { ann.email.clone() } else { unique_email("nobody") };
        let answer = guess(&client, &email).await.refused(401, "invalid_credentials");
        assert_eq!(answer.header("ratelimit-policy"), Some(r#""default";q=600;w=60, "login";q=5;w=60"#));
        let (left, seconds) = standing(&answer, "login");
        assert!(left == remaining && (1..=60).contains(&seconds), "{answer:#?}");
        standing(&answer, "default");
    }
    limited(login(&ann).await);
    limited(guess(&client, &unique_email("nobody")).await);
    // Judged before the form.
    limited(client.request(Method::POST, "/auth/login").body("text/plain", "{").await);
    // Whoever is logged in goes on.
    let answer = ann.get("/auth/me").await.expect(200);
    assert_eq!(answer.header("ratelimit-policy"), Some(r#""default";q=600;w=60"#));
    ann.post("/auth/refresh", json!({"refresh_token": ann.refresh_token})).await.expect(200);
}

#[tokio::test]
async fn successful_logins_do_not_count() {
    let server = with_login_limit(2);
    let (ann, admin) = (server.register().await, server.admin().await);
    let client = server.anonymous();
    for _ in 0..4 {
        let answer = login(&ann).await.expect(200);
        assert_eq!(standing(&answer, "login").0, 2);
        assert_eq!(answer.header("ratelimit-policy"), Some(r#""login";q=2;w=60"#));
        client.post("/auth/login", json!({"email": 7})).await.refused(400, "validation_failed");
        client
            .request(Method::POST, "/auth/login")
            .body("text/plain", "{}")
            .await
            .refused(415, "unsupported_media_type");
    }
    admin.patch(format!("/users/{}", ann.id), json!({"is_active": false})).await.expect(200);
    for _ in 0..3 {
        login(&ann).await.refused(403, "account_disabled");
    }
    for _ in 0..2 {
        guess(&client, &ann.email).await.refused(401, "invalid_credentials");
        client.get("/auth/login").await.refused(405, "method_not_allowed");
    }
    limited(login(&admin).await);
}

#[tokio::test]
async fn concurrent_guesses_do_not_exceed_the_limit() {
    let server = Installation::new().with("LOGIN_RATE_LIMIT", "5").with("BCRYPT_COST", "8").start();
    let client = server.anonymous();
    let answers = all((0..40).map(|_| guess(&client, "ann@example.org"))).await;
    let (guessed, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 401);
    assert_eq!((guessed.len(), refused.len()), (5, 35));
    for answer in refused {
        limited(answer);
    }
}

#[tokio::test]
async fn aborted_login_counts_as_failure() {
    let server = with_login_limit(5);
    let ann = server.register().await;
    let address = server.url().strip_prefix("http://").unwrap();
    let body = json!({"email": ann.email, "password": "wrong horse battery"}).to_string();
    let request = format!(
        "POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    // Right ones in between don't count: what fills the limit is what nobody waits for.
    eventually("guesses are counted", async || {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        drop(stream);
        login(&ann).await.status == 429
    })
    .await;
}

#[tokio::test]
async fn failed_logins_are_remembered_after_restart() {
    let server = with_login_limit(3);
    let ann = server.register().await;
    for _ in 0..3 {
        guess(&server.anonymous(), &ann.email).await.expect(401);
    }
    let installation = server.installation().clone();
    assert_eq!(server.stop().await.code(), Some(0));
    let server = installation.start();
    let ann = ann.on(&server);
    limited(login(&ann).await);
    installation.sql("UPDATE login_attempts SET began_at = began_at - 60000000");
    login(&ann).await.expect(200);
}

#[tokio::test]
async fn failed_logins_are_unlimited_with_limit_0() {
    let server = Server::shared();
    for answer in all((0..20).map(|_| guess(&server.anonymous(), "nobody@example.org"))).await {
        assert_eq!(answer.refused(401, "invalid_credentials").header("ratelimit"), None);
    }
}
