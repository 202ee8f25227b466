//! The log: a line for each request, no secrets, and no wait for its reader.

use fasttrack_tests::{Account, Installation, PASSWORD, RawConnection, Server, all, eventually, timestamp};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

/// Sends every kind of secret, in its proper place and in wrong ones.
async fn show_secrets(server: &Server) -> (Account, Vec<String>) {
    let anonymous = server.anonymous();
    let ann = server.register().await;
    let wrong = "the wrong password";
    anonymous.post("/auth/login", json!({"email": ann.email, "password": wrong})).await.expect(401);
    let mut secrets = vec![PASSWORD.to_owned(), wrong.to_owned()];
    let project = ann.project().await;
    ann.get(format!("/projects/{project}")).header("x-request-id", "named").await.expect(200);
    ann.get("/projects/seventeen").header("x-request-id", "invalid").await.expect(400);
    let other = ann.log_in_again().await;
    let exchanged = anonymous.post("/auth/refresh", json!({"refresh_token": other.refresh_token})).await.expect(200);
    for session in [&ann, &other, &Account::from_tokens(&anonymous, &exchanged.data()).await] {
        secrets.extend([&session.access_token, &session.refresh_token].map(Clone::clone));
    }
    for path in ["/ws", "/events", "/tasks", "/nowhere"] {
        let ticket = ann.post("/ws/ticket", ()).await.expect(201).data()["ticket"].as_str().unwrap().to_owned();
        for query in [format!("token={}", ann.access_token), format!("ticket={ticket}"), "token=broken.token".into()] {
            anonymous.get(format!("{path}?{query}")).header("x-request-id", path).status().await;
        }
        secrets.push(ticket);
    }
    let token = &ann.access_token;
    anonymous.get(format!("/nowhere/{token}")).header("x-request-id", "unmatched").await.expect(404);
    anonymous.get(format!("/tasks/{token}")).await.expect(401);
    let offered = format!("fasttrack, bearer.{token}");
    anonymous.socket("").header("sec-websocket-protocol", offered).open().await.close().await;
    anonymous.get("/tasks").header("authorization", "Basic YW5uOnNlY3JldA==").await.expect(401);
    anonymous.get("/tasks").header("cookie", format!("session={token}")).await.expect(401);
    anonymous.get("/health/live").header("x-request-id", "probe").await.expect(200);
    secrets.extend(["broken.token".to_owned(), "YW5uOnNlY3JldA".to_owned()]);
    // Parts of a token are as secret as all of it.
    let parts = |secret: &String| secret.split('.').map(ToOwned::to_owned).collect::<Vec<_>>();
    let signatures: Vec<_> = secrets.iter().flat_map(parts).filter(|part| part.len() > 100).collect();
    secrets.extend(signatures);
    (ann, secrets)
}

fn assert_kept(log: &str, secrets: &[String]) {
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}

#[tokio::test]
async fn json_log_has_a_line_per_request_without_secrets() {
    let mut server = Installation::new().with("LOG_FORMAT", "json").start();
    let (ann, secrets) = show_secrets(&server).await;
    server.terminate();
    assert_eq!(server.ended().await.code(), Some(0));
    let log = server.log_at_end().await;
    assert_kept(&log, &secrets);

    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let of = |id: &str| {
        let is_of = |line: &&Value| line["request_id"] == id && line["message"] == "answered";
        lines.iter().filter(is_of).cloned().collect::<Vec<_>>()
    };
    let (named, unmatched) = (of("named"), of("unmatched"));
    let ([named], [unmatched]) = (&named[..], &unmatched[..]) else { panic!("{log}") };
    assert_eq!(named["target"], "fasttrack::request");
    assert_eq!((&named["method"], &named["route"]), (&json!("GET"), &json!("/projects/{id}")));
    assert_eq!((&named["status"], &named["user_id"]), (&json!(200), &json!(ann.id)));
    assert_eq!((&named["client"], &named["level"]), (&json!("127.0.0.1"), &json!("INFO")));
    assert!(named["duration_ms"].as_f64().is_some_and(|duration| (0.0..60_000.0).contains(&duration)), "{named}");
    timestamp(&named["timestamp"]);
    assert_eq!(of("invalid")[0]["status"], 400);
    assert_eq!((&unmatched["status"], unmatched.get("route"), unmatched.get("user_id")), (&json!(404), None, None));
    assert_eq!(of("probe"), [] as [Value; 0]);
    let closed: Vec<_> = lines.iter().filter(|line| line["message"] == "closed").collect();
    let is_ours = |line: &&&Value| line["user_id"] == ann.id && line["duration_ms"].is_f64();
    assert!(closed.iter().any(|line| line["route"] == "/events"), "{log}");
    let left = |line: &&&Value| line["route"] == "/ws" && line["reason"] == "the client left";
    assert!(closed.iter().filter(is_ours).any(|line| left(&line)), "{log}");
}

#[tokio::test]
async fn client_disconnect_is_not_logged_as_error() {
    let server = Installation::new().with("RUST_LOG", "debug").start();
    let ann = server.register().await;
    for malformed in [
        "GET / HTTP/9.9\r\n\r\n".to_owned(),
        "nonsense\r\n\r\n".to_owned(),
        "GET /health/live HTTP/1.1\r\n\r\n".to_owned(),
        "POST /projects HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n".to_owned(),
        "POST /projects HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n".to_owned(),
        format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(200_000)),
        "\u{16}\u{3}\u{1}\0".to_owned(),
    ] {
        let mut raw = RawConnection::open(&server).await;
        raw.send(malformed).await.ok();
        raw.finish().await;
        raw.rest().await;
    }
    // Torn off in the middle of a body, of an answer and of a stream.
    for request in ["POST /projects", "GET /events"] {
        let token = &ann.access_token;
        let mut raw = RawConnection::open(&server).await;
        let head = format!("{request} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n");
        raw.send(format!("{head}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{{")).await.unwrap();
        raw.reset();
    }
    eventually("it was noticed", async || server.log().contains("a connection ended early")).await;
    ann.get("/projects").await.expect(200);
    let log = server.log();
    assert!(!log.contains("ERROR") && !log.contains("stream error"), "{log}");
}

#[tokio::test]
async fn text_log_has_a_line_per_request_without_secrets() {
    let mut server = Installation::new().start();
    let (ann, secrets) = show_secrets(&server).await;
    // What would be another line, or look like one, in what somebody sends.
    let forged = "x\r\n2026-01-01T00:00:00.000000Z  INFO fasttrack::request: forged";
    ann.patch("/users/me", json!({"display_name": "forged\u{1b}[2J\u{9b}"})).await;
    ann.patch("/users/me", json!({"email": format!("{forged}@example.org")})).await.expect(400);
    ann.get("/projects").header("x-request-id", "two words").await.expect(200);
    let mut raw = RawConnection::open(&server).await;
    let head = "FORGED /forged%0d%0aforged?forged%0d%0aforged HTTP/1.1\r\nHost: forged\r\nUser-Agent: \"forged";
    raw.send(format!("{head}\r\nX-Request-Id: forged\u{9b}2J\r\nConnection: close\r\n\r\n")).await.unwrap();
    assert!(raw.rest().await.starts_with("HTTP/1.1 404 "));
    server.terminate();
    assert_eq!(server.ended().await.code(), Some(0));
    let log = server.log_at_end().await;
    assert_kept(&log, &secrets);
    assert!(!log.contains("forged") && !log.contains("FORGED") && !log.contains("two words"), "{log}");
    for line in log.lines() {
        let (time, rest) = line.split_once(' ').expect(line);
        timestamp(&json!(time));
        let level = rest.split_whitespace().next().unwrap();
        assert!(["INFO", "WARN", "ERROR"].contains(&level) && !line.contains(char::is_control), "{line}");
    }
    let named = log.lines().find(|line| line.contains("request_id=named ")).expect(&log);
    let expected =
        " fasttrack::request: answered request_id=named method=GET route=/projects/{id} status=200 duration_ms=";
    assert!(named.contains(expected) && named.ends_with(&format!(" user_id={} client=127.0.0.1", ann.id)), "{named}");
    assert!(log.contains(" method=_OTHER status=404 "), "{log}");
}

#[tokio::test]
async fn passwords_in_settings_are_never_logged() {
    let mut server = Installation::new()
        .with("RUST_LOG", "debug")
        .with("SMTP_URL", "smtp://ann:smtp-secret@127.0.0.1:1")
        .with("REDIS_URL", "redis://ann:redis-secret@127.0.0.1:1/0")
        .with("RATE_LIMIT_REQUESTS", "1000")
        .with("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
        .with("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer otel-secret")
        .with("OTEL_BSP_SCHEDULE_DELAY", "50")
        .start();
    server.register().await;
    for fails in ["a job failed", "traces can't be exported"] {
        eventually(fails, async || server.log().contains(fails)).await;
    }
    server.terminate();
    assert_eq!(server.ended().await.code(), Some(0));
    let log = server.log_at_end().await;
    assert!(!log.contains("-secret"), "{log}");

    for (name, value, code) in [
        ("DATABASE_URL", "postgres://ann:an-secret@127.0.0.1:1/fasttrack", 1),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://ann:an-secret@127.0.0.1:1", 2),
    ] {
        let stderr = Installation::new().with(name, value).command([]).run().await.failed(code);
        assert!(!stderr.contains("-secret"), "{stderr}");
    }
}

#[tokio::test]
async fn aborted_request_is_logged() {
    let server = Installation::new().with("BCRYPT_COST", "13").start();
    let body = json!({"email": "nobody@example.org", "password": PASSWORD}).to_string();
    let head = "POST /auth/login HTTP/1.1\r\nHost: h\r\nX-Request-Id: gone\r\nContent-Type: application/json";
    let line = "the client is gone request_id=gone method=POST route=/auth/login duration_ms=";
    // A request that is torn off before it's read is none.
    eventually("the client's line", async || {
        let mut raw = RawConnection::open(&server).await;
        raw.send(format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())).await.unwrap();
        timeout(Duration::from_millis(100), raw.receive(1)).await.ok();
        raw.reset();
        server.log().contains(line)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blocked_log_reader_delays_no_request() {
    let mut server = Installation::new().with("RUST_LOG", "trace").start();
    let client = server.anonymous();
    let id = "x".repeat(128);
    let ask = async |requests: usize| {
        for _ in 0..requests.div_ceil(64) {
            let asked = (0..64).map(|_| client.get("/.well-known/jwks.json").header("x-request-id", &id));
            for answer in all(asked).await {
                answer.expect(200);
            }
        }
    };
    server.stall_log(true);
    ask(1_500).await;
    let memory = server.memory();
    ask(500).await;
    assert!(server.memory() < memory + 8 * 1024 * 1024, "{memory} {}", server.memory());
    server.stall_log(false);
    let dropped = "lines were dropped: standard error is not read as fast as they come";
    eventually("the log says what it lacks", async || server.log().contains(dropped)).await;
    // Not even the end waits for it.
    server.stall_log(true);
    ask(500).await;
    server.terminate();
    assert_eq!(server.ended().await.code(), Some(0));
}
