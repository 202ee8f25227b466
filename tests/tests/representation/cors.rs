use fasttrack_tests::{Answer, Client, Installation, Server};
use reqwest::Method;
use serde_json::json;

const LISTED: [&str; 3] = ["https://app.example.org", "http://localhost:3000", "app://desk"];

const UNLISTED: [&str; 9] = [
    "https://app.example.org.evil.example",
    "https://app.example.org:444",
    "https://APP.example.org",
    "http://app.example.org",
    "https://example.org",
    "app://desk.evil.example",
    "http://localhost",
    "null",
    "*",
];

fn server() -> Server {
    Installation::new().with("CORS_ORIGINS", LISTED.join(",")).with("WS_CONNECTIONS_PER_USER", "1").start()
}

async fn preflight(client: &Client, path: &str, origin: &str, method: &str) -> Answer {
    let request = client.request(Method::OPTIONS, path).header("origin", origin);
    request
        .header("access-control-request-method", method)
        .header("access-control-request-headers", "authorization")
        .await
}

/// Returns the elements of a header's list, in lower case.
fn list(answer: &Answer, name: &str) -> Vec<String> {
    let lines = answer.headers.get_all(name).iter().map(|line| line.to_str().unwrap().to_ascii_lowercase());
    lines.flat_map(|line| line.split(',').map(|word| word.trim().to_owned()).collect::<Vec<_>>()).collect()
}

#[track_caller]
fn is_told_nothing(answer: &Answer) {
    let told = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
    assert_eq!(told, None, "{answer:#?}");
}

#[tokio::test]
async fn preflight_of_listed_origin_has_methods_and_headers() {
    let server = server();
    let client = server.anonymous();
    for origin in LISTED {
        // The request itself will be judged when it comes.
        for path in ["/projects", "/tasks/1", "/auth/login", "/api/1/tasks", "/events", "/nowhere"] {
            let answer = preflight(&client, path, origin, "PATCH").await.expect(204);
            assert_eq!(answer.header("access-control-allow-origin"), Some(origin), "{answer:#?}");
            let methods = list(&answer, "access-control-allow-methods");
            assert_eq!(methods, ["get", "head", "post", "put", "patch", "delete"]);
            let headers = list(&answer, "access-control-allow-headers");
            for header in [
                "accept",
                "authorization",
                "content-type",
                "idempotency-key",
                "if-match",
                "if-none-match",
                "last-event-id",
                "traceparent",
                "tracestate",
                "x-request-id",
            ] {
                assert!(headers.iter().any(|listed| listed == header), "{header}: {answer:#?}");
            }
            assert_eq!(answer.header("access-control-max-age"), Some("7200"), "{answer:#?}");
            assert_eq!(answer.header("access-control-allow-credentials"), None, "{answer:#?}");
            assert_eq!(list(&answer, "vary"), ["origin"], "{answer:#?}");
            assert!(answer.header("x-request-id").is_some() && answer.body.is_empty(), "{answer:#?}");
        }
    }
}

#[tokio::test]
async fn listed_origin_may_read_every_response() {
    let server = server();
    let ann = server.register().await;
    let origin = |request: fasttrack_tests::Request| request.header("origin", LISTED[2]);
    let made = origin(ann.post("/projects", json!({"name": "Garden"}))).await.expect(201);
    let project = format!("/projects/{}", made.id());
    let etag = made.etag().to_owned();
    let _held = ann.get("/events").stream().await;
    let mut answers = vec![
        made,
        origin(ann.get(&project).header("if-none-match", etag)).await.expect(304),
        origin(ann.get("/docs")).await.expect(200),
        origin(ann.get("/openapi.json")).await.expect(200),
        origin(ann.post("/projects", json!({}))).await.expect(400),
        origin(server.anonymous().get("/projects")).await.expect(401),
        origin(ann.get("/users")).await.expect(403),
        origin(ann.get("/nowhere")).await.expect(404),
        origin(ann.delete("/projects")).await.expect(405),
        origin(ann.request(Method::OPTIONS, "/projects")).await.expect(405),
        origin(ann.patch(&project, json!({"name": "Yard"})).header("if-match", "\"7\"")).await.expect(412),
        origin(ann.request(Method::POST, "/projects").body("application/json", vec![b' '; 65 * 1024]))
            .await
            .expect(413),
        origin(ann.request(Method::POST, "/projects").body("text/plain", "x")).await.expect(415),
        origin(ann.get("/events")).await.expect(429),
        origin(ann.delete(&project)).await.expect(204),
    ];
    server.installation().sql("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')");
    answers.push(origin(ann.get("/health/ready")).await.expect(503));
    for answer in answers {
        assert_eq!(answer.header("access-control-allow-origin"), Some(LISTED[2]), "{answer:#?}");
        let mut exposed = list(&answer, "access-control-expose-headers");
        exposed.sort_unstable();
        let all = ["etag", "idempotency-replayed", "link", "location", "ratelimit", "ratelimit-policy", "retry-after"];
        assert_eq!(exposed, [&all[..], &["x-request-id"]].concat(), "{answer:#?}");
        assert!(list(&answer, "vary").contains(&"origin".to_owned()), "{answer:#?}");
        assert_eq!(answer.header("access-control-allow-credentials"), None, "{answer:#?}");
    }
}

#[tokio::test]
async fn unlisted_origin_gets_no_cors_headers() {
    let server = server();
    let ann = server.register().await;
    for origin in UNLISTED {
        is_told_nothing(&ann.get("/projects").header("origin", origin).await.expect(200));
        is_told_nothing(&ann.get("/nowhere").header("origin", origin).await.refused(404, "not_found"));
        let refused = preflight(&ann, "/projects", origin, "POST").await.refused(405, "method_not_allowed");
        is_told_nothing(&refused);
        assert_eq!(refused.header("allow"), Some("GET, POST, HEAD"), "{refused:#?}");
        is_told_nothing(&preflight(&ann, "/nowhere", origin, "GET").await.refused(404, "not_found"));
    }
    // Whoever keeps this answer must not show it to a page of a listed origin, and the other way round.
    for answer in [ann.get("/projects").await, ann.get("/projects").header("origin", UNLISTED[0]).await] {
        is_told_nothing(&answer);
        assert_eq!(list(&answer, "vary"), ["accept", "origin"]);
        assert_eq!(answer.headers.get_all("vary").iter().count(), 1, "{answer:#?}");
    }
}

#[tokio::test]
async fn no_origin_is_listed_by_default() {
    let server = Server::shared();
    let ann = server.register().await;
    for origin in [LISTED[0], server.url(), "null"] {
        let answer = ann.get("/projects").header("origin", origin).await.expect(200);
        is_told_nothing(&answer);
        assert_eq!(list(&answer, "vary"), ["accept"], "{answer:#?}");
        is_told_nothing(&preflight(&ann, "/projects", origin, "GET").await.expect(405));
    }
}
