//! Limits of requests.

use super::{limited, login, public, standing, with_limit};
use fasttrack_tests::{BARE, Client, Installation, MISSING, PASSWORD, Server, all, unique_email};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use tokio::time::sleep;

#[tokio::test]
async fn request_over_limit_is_429_with_retry_after() {
    let server = with_limit(5);
    let client = server.anonymous();
    for remaining in (0..5).rev() {
        let answer = public(&client).await.expect(200);
        assert_eq!(answer.header("ratelimit-policy"), Some(r#""default";q=5;w=60"#));
        let (left, seconds) = standing(&answer, "default");
        assert!(left == remaining && (1..=60).contains(&seconds), "{answer:#?}");
    }
    for _ in 0..3 {
        let answer = public(&client).await;
        assert_eq!(answer.header("ratelimit-policy"), Some(r#""default";q=5;w=60"#));
        limited(answer);
    }
}

#[tokio::test]
async fn request_after_retry_after_succeeds() {
    let server = Installation::new().with("RATE_LIMIT_REQUESTS", "3").with("RATE_LIMIT_WINDOW_SECONDS", "2").start();
    let client = server.anonymous();
    for _ in 0..2 {
        let refused = loop {
            let answer = public(&client).await;
            if answer.status != 200 {
                break answer;
            }
        };
        let seconds = limited(refused);
        assert!(seconds <= 2);
        sleep(Duration::from_secs(seconds)).await;
        public(&client).await.expect(200);
    }
}

#[tokio::test]
async fn concurrent_requests_do_not_exceed_the_limit() {
    let server = with_limit(20);
    let client = server.anonymous();
    let answers = all((0..100).map(|_| public(&client))).await;
    let (answered, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((answered.len(), refused.len()), (20, 80));
    for answer in refused {
        limited(answer);
    }
}

#[tokio::test]
async fn limit_is_per_user_over_all_sessions() {
    let server = with_limit(12);
    let (ann, bob) = (server.register().await, server.register().await);
    let again = ann.log_in_again().await;
    while ann.get("/auth/me").await.status == 200 {}
    limited(ann.get("/tasks").await);
    limited(again.get("/tasks").await);
    // A route that needs no token counts by the network, whoever has one.
    public(&ann).await.expect(200);
    public(&server.anonymous()).await.expect(200);
    bob.get("/tasks").await.expect(200);
}

#[tokio::test]
async fn unknown_route_and_bad_token_do_not_count_for_user() {
    let server = with_limit(12);
    let ann = server.register().await;
    let (anonymous, forged) = (server.anonymous(), server.anonymous().with_token("sesame"));
    let left = standing(&ann.get("/auth/me").await, "default").0;
    for limit_is_reached in [false, true] {
        for client in [&anonymous, &forged, &*ann] {
            client.get("/nothing").await.refused(404, "not_found");
            client.delete("/auth/login").await.refused(405, "method_not_allowed");
        }
        for _ in 0..3 {
            anonymous.get("/tasks").await.refused(401, "token_missing");
            forged.get("/tasks").await.refused(401, "token_invalid");
            forged.socket("?token=sesame").await.refused(401, "token_invalid");
        }
        if limit_is_reached {
            break;
        }
        let answer = ann.get("/auth/me").await;
        assert_eq!(standing(&answer, "default").0, left - 1);
        while ann.get("/auth/me").await.status == 200 {}
        while public(&anonymous).await.status == 200 {}
    }
    // The form is judged later.
    limited(ann.post("/projects", json!({"name": 7})).await);
    limited(ann.request(Method::POST, "/projects").body("text/plain", "{").await);
    limited(ann.get("/tasks/x?limit=0").await);
}

#[tokio::test]
async fn rate_limit_error_follows_accept() {
    let server = with_limit(1);
    let client = server.anonymous();
    public(&client).await.expect(200);
    limited(public(&client).await);
    for request in [public(&client).accept(BARE), client.post("/api/auth/signup", json!({}))] {
        let answer = request.await;
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert!(answer.header("retry-after").is_some() && answer.header("ratelimit").is_some());
        assert_eq!(answer.problem(429, "rate_limited"), Vec::<String>::new());
    }
}

#[tokio::test]
async fn encoded_path_is_rate_limited_too() {
    let server = with_limit(1);
    let client = server.anonymous();
    public(&client).await.expect(200);
    for path in ["/%2ewell-known/%6Awks.json", "/.well-known/jwks.json?x", "/openapi.json", "/docs", "/redoc"] {
        limited(client.get(path).await);
    }
    limited(client.post("/auth/%6Cogin", json!({})).await);
    assert_eq!(client.request(Method::HEAD, "/.well-known/jwks.json").await.status, 429);
}

#[tokio::test]
async fn health_checks_are_not_rate_limited() {
    let server = with_limit(1);
    let client = server.anonymous();
    while public(&client).await.status == 200 {}
    for path in ["/health/live", "/health/ready"] {
        for _ in 0..3 {
            let answer = client.get(path).await.expect(200);
            assert!(answer.header("ratelimit").or(answer.header("ratelimit-policy")).is_none(), "{answer:#?}");
        }
    }
}

#[tokio::test]
async fn limit_0_sends_no_rate_limit_headers() {
    let server = Server::shared();
    let ann = server.register().await;
    for answer in [ann.get("/tasks").await, public(&ann).await, login(&ann).await] {
        let answer = answer.expect(200);
        assert!(answer.header("ratelimit").or(answer.header("ratelimit-policy")).is_none(), "{answer:#?}");
    }
}

#[tokio::test]
async fn every_operation_has_rate_limit_headers() {
    let server = with_limit(1000);
    let admin = server.admin().await;
    let document = admin.get("/openapi.json").await.json();
    let mut seen = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            // It would end the session.
            if path.starts_with("/health/") || path == "/auth/logout" {
                continue;
            }
            let path =
                path.split('/').map(|part| if part.starts_with('{') { MISSING.to_string() } else { part.to_owned() });
            let answer = admin.request(method, path.collect::<Vec<_>>().join("/") + "?since=x").await;
            assert!(answer.header("ratelimit-policy").unwrap().starts_with(r#""default";q=1000;w=60"#), "{answer:#?}");
            assert!(standing(&answer, "default").0 < 1000);
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen}");
    assert!(admin.log_out().await.expect(200).header("ratelimit").is_some());
}

#[tokio::test]
async fn empty_response_has_rate_limit_headers() {
    let server = with_limit(1000);
    let ann = server.register().await;
    let project = ann.project().await;
    let path = format!("/projects/{project}");
    let unchanged = ann.get(&path).header("if-none-match", "\"1\"").await.expect(304);
    let head = ann.request(Method::HEAD, &path).await.expect(200);
    let missing = ann.get(format!("/tasks/{MISSING}")).await.expect(404);
    let deleted = ann.delete(&path).await.expect(204);
    let left: Vec<_> = [unchanged, head, missing, deleted].map(|answer| standing(&answer, "default").0).into();
    assert!(left.is_sorted_by(|one, next| *one == next + 1), "{left:?}");
}

#[tokio::test]
async fn realtime_connections_count_against_user() {
    let server = with_limit(9);
    let client = server.anonymous();
    let ann = server.register().await;
    let token = format!("?token={}", ann.access_token);
    let opened = [
        client.socket(&token).await,
        client.socket("").header("sec-websocket-protocol", format!("fasttrack, bearer.{}", ann.access_token)).await,
        ann.socket("").await,
    ];
    let left: Vec<_> = opened.map(|answer| standing(&answer.expect(101), "default").0).into();
    assert_eq!(left, [7, 6, 5]);
    let ticket = || async {
        let answer = ann.request(Method::POST, "/ws/ticket").await.expect(201);
        format!("?ticket={}", answer.data()["ticket"].as_str().unwrap())
    };
    let (used, unused) = (ticket().await, ticket().await);
    let stream = client.get(format!("/events{used}")).stream().await;
    assert!(stream.header("ratelimit").unwrap().starts_with(r#""default";r=2;"#), "{:?}", stream.header("ratelimit"));
    while ann.get("/auth/me").await.status == 200 {}
    limited(client.socket(&token).await);
    limited(client.get(format!("/events{token}")).await);
    limited(client.socket(&unused).await);
    // Judged before the form.
    limited(client.get(format!("/ws{token}&since=x")).await);
}

#[tokio::test]
async fn public_routes_count_against_network() {
    let server = with_limit(10);
    let (ann, bob) = (server.register().await, server.register().await);
    let register =
        |client: &Client| client.post("/auth/register", json!({"email": unique_email("flood"), "password": PASSWORD}));
    // Each of them has registered and logged in.
    for remaining in (0..6).rev() {
        let bearer = if remaining % 2 == 0 { &ann } else { &bob };
        assert_eq!(standing(&register(bearer).await.expect(201), "default").0, remaining);
    }
    for client in [&*ann, &*bob, &server.anonymous(), &server.anonymous().with_token("sesame")] {
        limited(register(client).await);
        limited(client.post("/auth/refresh", json!({"refresh_token": ann.refresh_token})).await);
        limited(client.get("/docs").await);
    }
    // Their own limits are whole.
    for account in [&ann, &bob] {
        assert_eq!(standing(&account.get("/tasks").await.expect(200), "default").0, 8);
    }
}

#[tokio::test]
async fn invalid_tickets_count_against_network() {
    let server = with_limit(6);
    let ann = server.register().await;
    let client = server.anonymous();
    let ticket = ann.request(Method::POST, "/ws/ticket").await.expect(201).data()["ticket"].clone();
    // A bearer beside it lifts no limit.
    for (remaining, client) in [(3, &client), (2, &*ann), (1, &client), (0, &client)] {
        let answer = client.get("/events?ticket=AAAA").await.refused(401, "token_invalid");
        assert_eq!(standing(&answer, "default").0, remaining);
    }
    limited(client.get("/events?ticket=AAAA").await);
    limited(client.socket("?ticket=AAAA").await);
    // Not looked at, and so not spent.
    limited(client.get(format!("/events?ticket={}", ticket.as_str().unwrap())).await);
    ann.get("/tasks").await.expect(200);
}

#[tokio::test]
async fn invalid_rate_limit_setting_is_named() {
    let installation = Installation::new().with("RUST_LOG", "off");
    for (name, value) in [
        ("RATE_LIMIT_REQUESTS", "-1"),
        ("RATE_LIMIT_REQUESTS", "1000001"),
        ("RATE_LIMIT_WINDOW_SECONDS", "0"),
        ("RATE_LIMIT_WINDOW_SECONDS", "86401"),
        ("LOGIN_RATE_LIMIT", "many"),
        ("TRUSTED_PROXIES", "proxy.example.org"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("REDIS_URL", "http://localhost"),
        ("REDIS_URL", "redis://ann:sesame@"),
    ] {
        let reason = installation.clone().with(name, value).command([]).run().await.failed(2);
        assert_eq!(reason.trim().lines().count(), 1, "{name}={value}:\n{reason}");
        assert!(reason.contains(name) && !reason.contains("sesame"), "{name}={value}:\n{reason}");
    }
}

#[tokio::test]
async fn registrations_are_rate_limited() {
    let server = with_limit(10);
    let client = server.anonymous();
    let register = || client.post("/auth/register", json!({"email": unique_email("flood"), "password": PASSWORD}));
    let statuses: Vec<_> = all((0..30).map(|_| register())).await.into_iter().map(|answer| answer.status).collect();
    let count = |status| statuses.iter().filter(|other| **other == status).count();
    assert_eq!((count(201), count(429)), (10, 20), "{statuses:?}");
}
