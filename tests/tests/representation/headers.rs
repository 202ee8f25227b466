//! Security headers.

use fasttrack_tests::{Answer, Installation, PASSWORD, Server};
use serde_json::json;

const HSTS: &str = "strict-transport-security";

#[track_caller]
fn is_guarded(answer: &Answer) {
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{answer:#?}");
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{answer:#?}");
    assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"), "{answer:#?}");
    let policy = answer.header("content-security-policy").unwrap();
    let directives: Vec<_> = policy.split(';').map(str::trim).collect();
    for directive in ["default-src 'none'", "frame-ancestors 'none'"] {
        assert!(directives.contains(&directive), "{answer:#?}");
    }
    // Nothing from elsewhere, no scripts that somebody else wrote, and no hint at what is running.
    assert!(
        !policy.contains("http") && !policy.contains("script-src 'unsafe-inline'") && !policy.contains('*'),
        "{policy}"
    );
    assert!(!policy.contains("unsafe-eval"), "{policy}");
    assert_eq!(answer.header("server"), None, "{answer:#?}");
}

#[tokio::test]
async fn every_response_has_security_headers() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.post("/projects", json!({"name": "Garden"})).await.expect(201);
    let path = format!("/projects/{}", project.id());
    let etag = project.etag().to_owned();
    for answer in [
        project,
        ann.get(&path).header("if-none-match", etag).await.expect(304),
        ann.delete(&path).await.expect(204),
        ann.post("/projects", json!({})).await.expect(400),
        server.anonymous().get("/projects").await.expect(401),
        ann.get("/nowhere").await.expect(404),
        ann.delete("/projects").await.expect(405),
        ann.get("/health/ready").await.expect(200),
        ann.get("/.well-known/jwks.json").await.expect(200),
        ann.get("/openapi.json").await.expect(200),
        ann.get("/docs").await.expect(200),
        ann.get("/docs/swagger-ui.css").await.expect(200),
        ann.get("/docs/realtime").await.expect(200),
        ann.get("/docs/webhooks").await.expect(200),
        ann.get("/redoc").await.expect(200),
    ] {
        is_guarded(&answer);
    }
}

#[tokio::test]
async fn tokens_and_tickets_are_not_cacheable() {
    let server = Server::shared();
    let ann = server.register().await;
    let login = json!({"email": ann.email, "password": PASSWORD});
    for answer in [
        ann.post("/auth/login", login).await.expect(200),
        ann.post("/auth/refresh", json!({"refresh_token": ann.refresh_token})).await.expect(200),
        ann.post("/ws/ticket", json!({})).await.expect(201),
    ] {
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:#?}");
    }
}

#[tokio::test]
async fn authenticated_responses_are_not_cacheable() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.post("/projects", json!({"name": "Garden"})).await.expect(201);
    let path = format!("/projects/{}", project.id());
    for answer in [
        project,
        ann.get("/projects").await.expect(200),
        ann.get(&path).await.expect(200),
        ann.get(&path).header("if-none-match", "*").await.expect(304),
        ann.request(reqwest::Method::HEAD, &path).await.expect(200),
        ann.patch(&path, json!({})).await.expect(200),
        ann.patch(&path, json!({"name": ""})).await.expect(400),
        ann.patch(&path, json!({})).header("if-match", "\"9\"").await.expect(412),
        ann.get("/users").await.expect(403),
        ann.get("/projects/9223372036854775807").await.expect(404),
        ann.put(&path, json!({})).await.expect(405),
        ann.delete(&path).await.expect(204),
        ann.get("/auth/me").await.expect(200),
        ann.get("/api/x/tasks").await.expect(403),
        ann.with_token("sesame").get("/auth/me").await.expect(401),
        server.anonymous().get("/events?token=sesame").await.expect(401),
    ] {
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:#?}");
    }
    // What is the same for everybody may be kept.
    let keys = ann.get("/.well-known/jwks.json").await.expect(200);
    assert!(keys.header("cache-control").unwrap().contains("max-age"), "{keys:#?}");
}

#[tokio::test]
async fn hsts_is_sent_only_behind_trusted_https_proxy() {
    let behind = Installation::new().with("TRUSTED_PROXIES", "127.0.0.1").start();
    let get = |path, proto| behind.anonymous().get(path).header("x-forwarded-proto", proto).into_future();
    assert_eq!(get("/health/live", "https").await.expect(200).header(HSTS), Some("max-age=31536000"));
    assert!(get("/nowhere", "https").await.expect(404).header(HSTS).is_some());
    assert_eq!(get("/health/live", "http").await.expect(200).header(HSTS), None);
    assert_eq!(behind.anonymous().get("/health/live").await.expect(200).header(HSTS), None);

    let alone = Server::shared();
    let answer = alone.anonymous().get("/health/live").header("x-forwarded-proto", "https").await.expect(200);
    assert_eq!(answer.header(HSTS), None);
}
