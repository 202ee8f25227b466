use fasttrack_tests::{Account, Installation, RawConnection, Server, eventually};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::time::interval;

fn start() -> Server {
    Installation::new().with("REQUEST_TIMEOUT_SECONDS", "1").start()
}

fn head(account: &Account, length: usize) -> String {
    format!(
        "POST /projects HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n",
        account.access_token
    )
}

/// Sends a byte at each tick until the connection is closed.
async fn drip(raw: &mut RawConnection, byte: &str) {
    let mut ticks = interval(Duration::from_millis(50));
    for _ in 0..10_000 {
        ticks.tick().await;
        if raw.send(byte).await.is_err() {
            return;
        }
        // Something came: the end, or an answer.
        if raw.is_readable().await {
            return;
        }
    }
    panic!("nobody minds");
}

#[tokio::test]
async fn slow_request_head_is_cut_off() {
    let server = start();
    let mut raw = RawConnection::open(&server).await;
    raw.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").await.unwrap();
    drip(&mut raw, "x").await;
    assert!(raw.rest().await.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
}

#[tokio::test]
async fn slow_request_body_is_cut_off() {
    let server = start();
    let ann = server.register().await;
    let mut raw = RawConnection::open(&server).await;
    raw.send(head(&ann, 20_000)).await.unwrap();
    drip(&mut raw, " ").await;
    let answer = raw.rest().await;
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    assert!(answer.to_lowercase().contains("\r\nconnection: close\r\n"), "{answer}");
    let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(body["error"]["code"], "request_timeout");
    assert_eq!(ann.get("/projects").await.expect(200).ids(), [] as [i64; 0]);
}

#[tokio::test]
async fn moderately_slow_body_is_accepted() {
    let server = start();
    let ann = server.register().await;
    let mut raw = RawConnection::open(&server).await;
    let body = json!({"name": "Garden"}).to_string();
    raw.send(head(&ann, body.len())).await.unwrap();
    let mut ticks = interval(Duration::from_millis(100));
    for byte in body.split_inclusive(' ') {
        ticks.tick().await;
        raw.send(byte).await.unwrap();
    }
    assert!(raw.receive(4096).await.starts_with(b"HTTP/1.1 201 Created\r\n"));
}

#[tokio::test]
async fn incomplete_head_on_reused_connection_is_cut_off() {
    let server = start();
    let mut raw = RawConnection::accepted(&server).await;
    let begin = Instant::now();
    raw.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").await.unwrap();
    drip(&mut raw, "x").await;
    assert!(begin.elapsed() > Duration::from_secs(5), "{:?}", begin.elapsed());
    raw.rest().await;
}

#[tokio::test]
async fn slow_response_reader_is_cut_off() {
    let server = Installation::new().with("REQUEST_TIMEOUT_SECONDS", "1").with("MAX_CONNECTIONS", "2").start();
    let ann = server.register().await;
    let project = ann.project().await;
    for _ in 0..50 {
        ann.task(project, json!({"description": "\u{1F422}".repeat(10_000)})).await;
    }
    let mut raw = RawConnection::with_buffer(&server, 4096).await;
    let path = format!("/projects/{project}/tasks?limit=50");
    let token = &ann.access_token;
    let get = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");
    raw.send(get).await.unwrap();
    assert!(raw.receive(512).await.starts_with(b"HTTP/1.1 200 "));
    // Two megabytes are underway, and nobody else gets in beside the two.
    assert_eq!(RawConnection::status_of(&server, "/health/live").await, Some(503));
    eventually("there is room", async || {
        raw.receive(1).await;
        // The other one's.
        ann.get("/health/live").await.expect(200);
        RawConnection::status_of(&server, "/health/live").await == Some(200)
    })
    .await;
}

#[tokio::test]
async fn quiet_event_stream_is_not_closed_as_idle() {
    let server = Installation::new().with("REQUEST_TIMEOUT_SECONDS", "1").with("WS_PING_SECONDS", "300").start();
    let ann = server.register().await;
    let (mut socket, mut stream) = (ann.follow(0).await, ann.get("/events?since=0").stream().await);
    let begin = Instant::now();
    eventually("it would be over", async || begin.elapsed() > Duration::from_secs(9)).await;
    let bob = server.register().await;
    let project = bob.project().await;
    bob.task(project, json!({"assignee_id": ann.id})).await;
    assert_eq!(socket.next().await["type"], "task_assigned");
    while !stream.receive().await.expect("it goes on").contains_key("data") {}
}
