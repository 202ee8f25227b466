use super::figures::shows;
use fasttrack_tests::{Client, Family, Installation, PASSWORD, Scrape, all};
use reqwest::Method;
use serde_json::json;
use std::net::{TcpListener, TcpStream};

const REQUESTS: &str = "fasttrack_http_requests_total";
const DURATIONS: &str = "fasttrack_http_request_duration_seconds_count";

#[tokio::test]
async fn request_is_counted_once_by_route_and_status() {
    let server = Installation::new().start();
    let ann = server.register().await;
    let project = ann.project().await;
    let task = ann.task(project, json!({})).await;
    let before = server.metrics().await;

    for _ in 0..3 {
        ann.get(format!("/tasks/{task}")).await.expect(200);
    }
    ann.request(Method::HEAD, format!("/tasks/{task}")).await.expect(200);
    ann.get("/tasks/999999").await.expect(404);
    ann.get("/tasks/first").await.expect(400);
    server.anonymous().get(format!("/tasks/{task}")).await.expect(401);
    ann.post(format!("/projects/{project}/tasks"), json!({"title": ""})).await.expect(400);
    ann.get("/nowhere").await.expect(404);
    ann.get("/tasks/5/nothing").await.expect(404);
    ann.delete("/projects").await.expect(405);
    ann.request(Method::from_bytes(b"BREW").unwrap(), "/projects").await.expect(405);
    ann.get("/docs").await.expect(200);

    let after = server.metrics().await;
    let expected = [
        ("GET", "/tasks/{id}", "200", 4),
        ("GET", "/tasks/{id}", "404", 1),
        ("GET", "/tasks/{id}", "400", 1),
        ("GET", "/tasks/{id}", "401", 1),
        ("POST", "/projects/{id}/tasks", "400", 1),
        ("GET", "unmatched", "404", 2),
        ("DELETE", "unmatched", "405", 1),
        ("other", "unmatched", "405", 1),
        ("GET", "/docs", "200", 1),
    ];
    let grown = |name: &str, labels: &[(&str, &str)]| after.count(name, labels) - before.count(name, labels);
    for (method, route, status, count) in expected {
        let operation = [("method", method), ("route", route)];
        let answer = [operation[0], operation[1], ("status", status)];
        assert_eq!(grown(REQUESTS, &answer), count, "{answer:?}");
        // Each is timed as often as it's counted.
        assert_eq!(grown(DURATIONS, &operation), grown(REQUESTS, &operation), "{operation:?}");
    }
    let all: i64 = expected.iter().map(|(.., count)| count).sum();
    assert_eq!((grown(REQUESTS, &[]), grown(DURATIONS, &[])), (all, all));
    let in_progress = after.count("fasttrack_http_requests_in_progress", &[]);
    assert_eq!(in_progress, before.count("fasttrack_http_requests_in_progress", &[]));
}

#[tokio::test]
async fn unknown_paths_create_no_series() {
    let server = Installation::new().start();
    let ann = server.register().await;
    let ask = async |n: usize| {
        ann.get(format!("/nowhere/{n}")).await.expect(404);
        ann.get(format!("/tasks/{n}?n={n}")).await.expect(404);
        ann.get(format!("/%7Btasks%7D/{n}")).await.expect(404);
        let method = Method::from_bytes(format!("METHOD{n}").as_bytes()).unwrap();
        ann.request(method, "/tasks").header("user-agent", format!("client {n}")).await.expect(405);
    };
    ask(1_000_000).await;
    let names = |scrape: &Scrape| scrape.families.values().map(Family::series).sum::<usize>();
    let before = names(&server.metrics().await);
    for n in 1..50 {
        ask(1_000_000 + n).await;
    }
    let scrape = server.metrics().await;
    assert_eq!(names(&scrape), before);
    for label in scrape.values(REQUESTS, "route") {
        assert!(label == "unmatched" || label.starts_with('/') && !label.contains("1000"), "{label}");
    }
}

#[tokio::test]
async fn metrics_have_their_own_listener() {
    let server = Installation::new().start();
    server.anonymous().get("/metrics").await.refused(404, "not_found");
    let url = server.metrics_url();
    let metrics = Client::new(url.strip_suffix("/metrics").unwrap());
    assert_ne!(url.rsplit_once(':').unwrap().1.strip_suffix("/metrics"), Some(server.port()));
    for path in ["/", "/health/live", "/metrics/", "/tasks", "/openapi.json"] {
        metrics.get(path).await.expect(404);
    }
    metrics.post("/metrics", json!({})).await.expect(405);
    // Its own requests aren't those that it counts.
    let scrape = server.metrics().await;
    assert_eq!(scrape.count(REQUESTS, &[("route", "unmatched")]), 1);
    assert_eq!(scrape.count(REQUESTS, &[]), 1);
}

#[tokio::test]
async fn metrics_can_be_turned_off() {
    let server = Installation::new().with("METRICS_ADDR", "off").start();
    server.register().await;
    assert!(!server.log().contains("metrics"), "{}", server.log());
}

#[tokio::test]
async fn default_metrics_port_in_use_only_disables_metrics() {
    // Another program on this machine may have it, or another test.
    let held = TcpListener::bind("127.0.0.1:9464");
    let server = Installation::new().without("METRICS_ADDR").start();
    server.register().await;
    let log = server.log();
    let is_told = log.contains("no metrics: 127.0.0.1:9464 can't be used") && log.contains("METRICS_ADDR");
    // Whoever else had it may have gone meanwhile.
    assert!(is_told || (held.is_err() && log.contains("metrics at http://127.0.0.1:9464/")), "{log}");
}

#[tokio::test]
async fn configured_metrics_port_in_use_prevents_start() {
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = held.local_addr().unwrap().to_string();
    let installation = Installation::new().with("METRICS_ADDR", &address);
    let reason = installation.command([]).run().await.failed(1);
    assert!(reason.contains("METRICS_ADDR") && reason.contains(&address), "{reason}");
    // Of no address of this machine (RFC 5737).
    let reason = installation.with("METRICS_ADDR", "192.0.2.1:9464").command([]).run().await.failed(2);
    assert!(reason.contains("METRICS_ADDR") && reason.contains("192.0.2.1:9464"), "{reason}");
}

#[tokio::test]
async fn password_hashing_metrics_count() {
    const LOGINS: u32 = 24;
    let server = Installation::new().with("BCRYPT_COST", "10").start();
    let ann = server.register().await;
    let hashes = |scrape: &Scrape| scrape.count("fasttrack_password_hash_duration_seconds_count", &[]);
    let before = hashes(&server.metrics().await);
    let login = json!({"email": ann.email, "password": PASSWORD});
    let client = server.anonymous();
    let logins: Vec<_> = (0..LOGINS).map(|_| client.post("/auth/login", login.clone())).collect();
    let logins = tokio::spawn(all(logins));
    let queue = "fasttrack_password_queue_length";
    let scrape = shows(&server, "passwords wait", |scrape| scrape.count(queue, &[]) > 0).await;
    assert!(scrape.count(queue, &[]) <= scrape.count("fasttrack_password_queue_limit", &[]));
    assert!(scrape.count("fasttrack_http_requests_in_progress", &[]) > 0);
    for answer in logins.await.unwrap() {
        answer.expect(200);
    }
    let after = server.metrics().await;
    assert_eq!(hashes(&after) - before, i64::from(LOGINS));
    assert_eq!(after.count(queue, &[]), 0);
    assert_eq!(after.count("fasttrack_http_requests_in_progress", &[]), 0);
}

#[tokio::test]
async fn realtime_connections_and_messages_are_counted() {
    let server = Installation::new().start();
    let (ann, bob) = (server.register().await, server.register().await);
    let socket = bob.socket("?since=0").open().await;
    let mut stream = bob.get("/events").stream().await;
    let open = |scrape: &Scrape, route| scrape.count("fasttrack_realtime_connections", &[("route", route)]);
    shows(&server, "both are open", |scrape| open(scrape, "/ws") == 1 && open(scrape, "/events") == 1).await;

    let project = ann.project().await;
    ann.task(project, json!({"assignee_id": bob.id})).await;
    stream.next().await;
    let sent = |scrape: &Scrape, route| scrape.count("fasttrack_realtime_messages_sent_total", &[("route", route)]);
    shows(&server, "both were told", |scrape| sent(scrape, "/ws") == 1 && sent(scrape, "/events") == 1).await;

    drop(stream);
    bob.log_out().await.expect(200);
    let scrape = shows(&server, "neither is open", |scrape| open(scrape, "/ws") + open(scrape, "/events") == 0).await;
    assert!(scrape.count("fasttrack_realtime_farewells_total", &[("reason", "revoked")]) >= 1);
    drop(socket);
}

#[tokio::test]
async fn load_shedding_is_counted_by_reason() {
    let server = Installation::new().with("LOGIN_RATE_LIMIT", "1").with("RATE_LIMIT_REQUESTS", "4").start();
    let client = server.anonymous();
    let wrong = json!({"email": "nobody@example.org", "password": "a wrong guess"});
    client.post("/auth/login", wrong.clone()).await.refused(401, "invalid_credentials");
    for _ in 0..2 {
        client.post("/auth/login", wrong.clone()).await.refused(429, "rate_limited");
    }
    client.get("/.well-known/jwks.json").await.expect(200);
    client.get("/.well-known/jwks.json").await.refused(429, "rate_limited");
    let scrape = server.metrics().await;
    let refused = |reason| scrape.count("fasttrack_http_requests_refused_total", &[("reason", reason)]);
    assert_eq!((refused("login_rate_limit"), refused("rate_limit")), (2, 1));
    assert_eq!(scrape.count(REQUESTS, &[("status", "429")]), 3);
}

#[tokio::test]
async fn accepted_and_refused_connections_are_counted() {
    let server = Installation::new().with("MAX_CONNECTIONS_PER_ADDRESS", "2").start();
    let address = server.url().strip_prefix("http://").unwrap();
    let connect = || TcpStream::connect(address).unwrap();
    let open = |scrape: &Scrape| scrape.count("fasttrack_http_connections", &[]);
    let held = [connect(), connect()];
    shows(&server, "both are open", |scrape| open(scrape) == 2).await;
    let third = connect();
    let refused = [("reason", "connections")];
    let scrape = shows(&server, "the third is refused", |scrape| {
        scrape.count("fasttrack_http_requests_refused_total", &refused) == 1
    })
    .await;
    assert!(open(&scrape) <= 2);
    drop((held, third));
    shows(&server, "all are over", |scrape| open(scrape) == 0).await;
}
