//! Traces, with a collector that may be slow or unreachable.

use fasttrack_tests::{Collector, Installation, Server, all, eventually};
use std::time::{Duration, Instant};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

fn tracing(url: &str) -> Installation {
    Installation::new().with("OTEL_EXPORTER_OTLP_ENDPOINT", url).with("OTEL_BSP_SCHEDULE_DELAY", "50")
}

async fn stop(mut server: Server) -> String {
    server.terminate();
    assert_eq!(server.ended().await.code(), Some(0));
    server.log_at_end().await
}

#[tokio::test]
async fn request_continues_trace_of_caller() {
    let collector = Collector::start().await;
    let server = tracing(collector.url()).with("OTEL_SERVICE_NAME", "tasks-of-ours").start();
    let ann = server.register().await;
    let project = ann.project().await;
    let path = format!("/projects/{project}");
    let traced = |flags: &str| format!("00-{TRACE}-{PARENT}-{flags}");
    ann.get(&path).header("traceparent", traced("01")).header("x-request-id", "traced").await.expect(200);
    ann.get("/projects").header("traceparent", traced("00")).await.expect(200);
    ann.get("/tasks").header("traceparent", traced("1")).await.expect(200);
    ann.get(format!("/nowhere/{}?token={0}", ann.access_token)).await.expect(404);
    let socket = server.anonymous().socket(&format!("?token={}", ann.access_token)).open().await;
    let mail = collector.span("verification_mail").await;
    let log = stop(server).await;
    drop(socket);

    let request = collector.span("GET /projects/{id}").await;
    assert_eq!((request.trace_id.as_str(), request.parent_id.as_str(), request.kind), (TRACE, PARENT, 2));
    for (name, value) in [
        ("service.name", "tasks-of-ours"),
        ("http.request.method", "GET"),
        ("http.route", "/projects/{id}"),
        ("http.response.status_code", "200"),
        ("client.address", "127.0.0.1"),
        ("request.id", "traced"),
        ("user.id", &ann.id.to_string()),
    ] {
        assert_eq!(request.attributes.get(name).map(String::as_str), Some(value), "{name} {request:#?}");
    }
    let spans = collector.spans();
    let below = |parent: &str| spans.iter().find(|span| span.parent_id == parent).unwrap();
    let use_case = below(&request.span_id);
    assert_eq!((use_case.name.as_str(), use_case.trace_id.as_str()), ("project.get", TRACE));
    assert_eq!(below(&use_case.span_id).name, "sqlite read");
    // The log leads to the trace.
    let line = log.lines().find(|line| line.contains("request_id=traced")).unwrap();
    assert!(line.contains(&format!("trace_id={TRACE}")), "{line}");

    let named = |name: &str| spans.iter().filter(|span| span.name == name).collect::<Vec<_>>();
    assert!(named("GET /projects").is_empty(), "its caller doesn't want it");
    let [begun] = named("GET /tasks")[..] else { panic!("{spans:#?}") };
    assert!(begun.trace_id != TRACE && begun.parent_id.is_empty(), "what is no trace is not continued");
    let [unmatched] = named("GET")[..] else { panic!("{spans:#?}") };
    assert!(!unmatched.attributes.contains_key("http.route") && unmatched.status == 0, "{unmatched:#?}");
    assert_eq!(named("GET /ws").len(), 1);
    assert!(mail.parent_id.is_empty());
    // What is done by itself, again and again, is not traced.
    assert!(named("sqlite write").iter().all(|span| !span.parent_id.is_empty()));

    let bytes = collector.bytes();
    let bytes = String::from_utf8_lossy(&bytes);
    for secret in [&ann.access_token, &ann.refresh_token, &ann.email, "token=", "/nowhere", path.as_str()] {
        assert!(!bytes.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn sampling_ratio_and_caller_decide_on_tracing() {
    let collector = Collector::start().await;
    let server = tracing(collector.url()).with("OTEL_TRACES_SAMPLER_ARG", "0").start();
    let client = server.anonymous();
    client.get("/health/live").await.expect(200);
    client.get("/health/ready").header("traceparent", format!("00-{TRACE}-{PARENT}-01")).await.expect(200);
    stop(server).await;
    assert_eq!(collector.span("GET /health/ready").await.trace_id, TRACE);
    assert!(collector.spans().iter().all(|span| span.trace_id == TRACE), "{:#?}", collector.spans());
}

#[tokio::test]
async fn unreachable_collector_is_logged_and_fails_no_request() {
    let server = tracing("http://127.0.0.1:1").start();
    let line = "traces can't be exported, and are lost meanwhile";
    for _ in 0..20 {
        server.anonymous().get("/health/live").await.expect(200);
    }
    eventually("the log says so", async || server.log().contains(line)).await;
    server.register().await;
    let log = stop(server).await;
    assert_eq!(log.matches(line).count(), 1, "{log}");
    assert!(!log.contains("BatchSpanProcessor"), "{log}");
}

#[tokio::test]
async fn silent_collector_delays_nothing() {
    let collector = Collector::silent().await;
    let server = tracing(collector.url()).start();
    let client = server.anonymous();
    client.get("/health/live").await.expect(200);
    collector.span("GET /health/live").await;
    // More than waits, so that some are dropped.
    for _ in 0..40 {
        for answer in all((0..64).map(|_| client.get("/health/live"))).await {
            answer.expect(200);
        }
    }
    let begin = Instant::now();
    let log = stop(server).await;
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    assert!(log.contains("the last traces could not be exported in time, and are lost"), "{log}");
    assert!(log.contains("dropped_span_count="), "{log}");
}
