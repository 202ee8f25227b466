//! A front end on another origin.

use crate::browser::Browser;
use fasttrack_tests::{Installation, Server};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Serves an empty page and returns its origin.
async fn front_end() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // Browsers open connections in advance, which others must not wait for.
            tokio::spawn(async move {
                if matches!(stream.read(&mut [0; 4096]).await, Ok(1..)) {
                    let page = "<!doctype html><title>Front end</title><link rel=icon href=data:,>";
                    let length = page.len();
                    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close";
                    let answer = format!("{head}\r\nContent-Length: {length}\r\n\r\n{page}");
                    stream.write_all(answer.as_bytes()).await.ok();
                }
            });
        }
    });
    origin
}

/// The response as a page sees it: status, code or name, and headers; or the name of the error.
async fn fetch(browser: &Browser, server: &Server, path: &str, init: Value) -> Value {
    let url = format!("{}{path}", server.url());
    let script = format!(
        "return fetch({}, {init}).then(async (response) => {{
            const body = await response.json().catch(() => ({{}}));
            return [response.status, body.data?.name ?? body.error?.code ?? null,
                response.headers.get('ETag'), response.headers.get('X-Request-Id') !== null];
        }}, (error) => error.name);",
        json!(url)
    );
    browser.run(&script).await
}

#[tokio::test]
async fn page_of_listed_origin_can_use_the_whole_api() {
    let Some(browser) = Browser::start().await else { return };
    let origin = front_end().await;
    let server = Installation::new().with("CORS_ORIGINS", &origin).start();
    let ann = server.register().await;
    browser.open(&origin).await;
    let bearer = format!("Bearer {}", ann.access_token);
    let headers = json!({
        "Authorization": bearer, "Content-Type": "application/json", "Idempotency-Key": "garden", "X-Request-Id": "1",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    });
    let create = json!({"method": "POST", "headers": headers, "body": "{\"name\": \"Garden\"}"});
    assert_eq!(fetch(&browser, &server, "/projects", create).await, json!([201, "Garden", "\"1\"", true]));
    let path = format!("/projects/{}", ann.get("/projects").await.expect(200).ids()[0]);
    let headers = json!({"Authorization": bearer, "Content-Type": "application/merge-patch+json", "If-Match": "\"1\""});
    let change = json!({"method": "PATCH", "headers": headers, "body": "{\"name\": \"Yard\"}"});
    assert_eq!(fetch(&browser, &server, &path, change.clone()).await, json!([200, "Yard", "\"2\"", true]));
    assert_eq!(fetch(&browser, &server, &path, change).await, json!([412, "precondition_failed", null, true]));
    let delete = json!({"method": "DELETE", "headers": {"Authorization": bearer}});
    assert_eq!(fetch(&browser, &server, &path, delete).await, json!([204, null, null, true]));
    assert_eq!(fetch(&browser, &server, &path, json!({})).await, json!([401, "token_missing", null, true]));

    let open = format!(
        "return new Promise((resolve) => {{
            const socket = new WebSocket({}, ['fasttrack', {}]);
            socket.onopen = () => resolve('open');
            socket.onclose = () => resolve('closed');
        }});",
        json!(format!("{}/ws", server.url().replace("http:", "ws:"))),
        json!(format!("bearer.{}", ann.access_token))
    );
    assert_eq!(browser.run(&open).await, "open");
    browser.close().await;
}

#[tokio::test]
async fn page_of_other_origin_reads_and_changes_nothing() {
    let Some(browser) = Browser::start().await else { return };
    let origin = front_end().await;
    let server = Installation::new().with("CORS_ORIGINS", "https://app.example.org").start();
    let ann = server.register().await;
    browser.open(&origin).await;
    let headers = json!({"Authorization": format!("Bearer {}", ann.access_token), "Content-Type": "application/json"});
    let create = json!({"method": "POST", "headers": headers, "body": "{\"name\": \"Garden\"}"});
    assert_eq!(fetch(&browser, &server, "/projects", create).await, "TypeError");
    assert_eq!(fetch(&browser, &server, "/health/live", json!({})).await, "TypeError");
    assert!(ann.get("/projects").await.expect(200).ids().is_empty());
    // Nor does it get anything that it could look at sideways.
    let embedded = format!(
        "return new Promise((resolve) => {{
            const image = new Image();
            image.onload = () => resolve('loaded');
            image.onerror = () => resolve('refused');
            image.src = {};
        }});",
        json!(format!("{}/docs/favicon-32x32.png", server.url()))
    );
    assert_eq!(browser.run(&embedded).await, "refused");
    browser.close().await;
}
