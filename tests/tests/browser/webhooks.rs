//! The page `/docs/webhooks`.

use crate::browser::Browser;
use fasttrack_tests::{Account, Installation, Server, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A receiver that answers 500 until it is repaired, then 204.
struct Receiver {
    url: String,
    works: Arc<AtomicBool>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let works = Arc::<AtomicBool>::default();
        let state = Arc::clone(&works);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&state)));
            }
        });
        Self { url, works }
    }
}

/// Answers one request, which ends with the brace of its body.
async fn answer(mut stream: TcpStream, works: Arc<AtomicBool>) {
    let mut received = Vec::new();
    while !received.ends_with(b"}") {
        if stream.read_buf(&mut received).await.unwrap_or_default() == 0 {
            return;
        }
    }
    let status = if works.load(Ordering::SeqCst) { "204 No Content" } else { "500 Internal Server Error" };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all(head.as_bytes()).await;
}

/// A server that sends to this machine, and doesn't try again by itself while the test runs.
fn server() -> Server {
    let installation = Installation::new().with("WEBHOOK_ALLOW_NETWORKS", "127.0.0.0/8");
    installation.with("WEBHOOK_RETRY_SECONDS", "3600").start()
}

/// The status and text of each delivery, the newest first.
async fn shown(browser: &Browser) -> Vec<(String, String)> {
    let items = browser
        .run(
            "return [...document.querySelectorAll('#deliveries > li')]
                .map((item) => [item.dataset.status, item.querySelector('.text').textContent]);",
        )
        .await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    items.as_array().unwrap().iter().map(|item| (text(&item[0]), text(&item[1]))).collect()
}

/// Waits until the newest delivery has this status, and a text with all of these parts.
async fn newest_is(browser: &Browser, status: &str, parts: &[&str]) {
    eventually(&format!("the newest delivery is {status} with {parts:?}"), async || {
        let shown = shown(browser).await;
        shown.first().is_some_and(|(is, text)| is == status && parts.iter().all(|part| text.contains(part)))
    })
    .await;
}

async fn show_projects(browser: &Browser, server: &Server, account: &Account) {
    browser.open(&format!("{}/docs/webhooks", server.url())).await;
    browser.fill("Access token", &account.access_token).await;
    browser.click("Show projects").await;
}

#[tokio::test]
async fn webhooks_page_tests_and_sends_again() {
    let Some(browser) = Browser::start().await else { return };
    let (server, receiver) = (server(), Receiver::start().await);
    let owner = server.register().await;
    // A project whose name would be markup.
    let name = "<img src=x onerror=\"document.title = 'run'\">";
    let project = owner.post("/projects", json!({"name": name})).await.expect(201).id();
    owner.post(format!("/projects/{project}/webhooks"), json!({"url": receiver.url})).await.expect(201);
    show_projects(&browser, &server, &owner).await;
    browser.status_contains("The project has").await;
    let choose = format!(
        "const project = document.querySelector('#project');
        project.value = '{project}';
        project.dispatchEvent(new Event('change'));"
    );
    browser.run(&choose).await;
    browser.status_contains("The project has 1 webhook.").await;

    browser.click("Send a test").await;
    browser.status_contains("A test is sent.").await;
    newest_is(&browser, "pending", &["ping", "1 attempt", "status 500", "next attempt at"]).await;
    receiver.works.store(true, Ordering::SeqCst);
    browser.click("Send again").await;
    newest_is(&browser, "delivered", &["ping", "2 attempts", "status 204"]).await;

    owner.task(project, json!({})).await;
    eventually("the task's delivery is shown", async || {
        browser.click("Refresh").await;
        shown(&browser).await.len() == 2
    })
    .await;
    newest_is(&browser, "delivered", &["task.created", "1 attempt", "status 204"]).await;
    let page = browser.run("return [document.title, document.querySelectorAll('img').length];").await;
    assert_eq!(page, json!(["Webhooks · fasttrack", 0]), "what others write is shown and never run");
    browser.close().await;
}

#[tokio::test]
async fn webhooks_page_shows_what_is_refused() {
    let Some(browser) = Browser::start().await else { return };
    let (server, receiver) = (server(), Receiver::start().await);
    let owner = server.register().await;
    let project = owner.project().await;
    let webhook = owner.post(format!("/projects/{project}/webhooks"), json!({"url": receiver.url})).await.expect(201);
    let path = format!("/webhooks/{}", webhook.id());
    owner.request(Method::POST, format!("{path}/test")).await.expect(202);
    owner.patch(&path, json!({"is_active": false})).await.expect(200);

    show_projects(&browser, &server, &owner).await;
    browser.status_contains("The project has").await;
    let choose = format!(
        "const project = document.querySelector('#project');
        project.value = '{project}';
        project.dispatchEvent(new Event('change'));"
    );
    browser.run(&choose).await;
    browser.status_contains("The project has 1 webhook.").await;
    let is_disabled = "return [...document.querySelectorAll('#webhooks button')].at(-1).disabled;";
    assert_eq!(browser.run(is_disabled).await, true, "a webhook that is not active can't be tested");
    browser.click("Show deliveries").await;
    newest_is(&browser, "failed", &["ping"]).await;
    browser.click("Send again").await;
    browser.status_contains("(conflict)").await;

    owner.log_out().await.expect(200);
    browser.click("Show projects").await;
    browser.status_contains("(token_revoked)").await;
    assert!(shown(&browser).await.is_empty());
    browser.close().await;
}
