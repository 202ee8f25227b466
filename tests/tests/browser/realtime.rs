//! The page `/docs/realtime`.

use crate::browser::Browser;
use fasttrack_tests::{Account, Server, Team, eventually};
use serde_json::{Value, json};

/// The sequence number and text of each notification in the list, the newest first.
async fn shown(browser: &Browser) -> Vec<(String, String)> {
    let items = browser
        .run(
            "return [...document.querySelectorAll('#notifications > li')]
                .map((item) => [item.dataset.seq, item.querySelector('.text').textContent]);",
        )
        .await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    items.as_array().unwrap().iter().map(|item| (text(&item[0]), text(&item[1]))).collect()
}

async fn shows(browser: &Browser, count: usize) {
    eventually(&format!("{count} notifications are shown"), async || shown(browser).await.len() == count).await;
}

async fn connect(browser: &Browser, account: &Account) {
    browser.fill("Access token", &account.access_token).await;
    browser.click("Connect").await;
    browser.status_contains("Connected").await;
}

#[tokio::test]
async fn realtime_page_shows_notifications_and_resumes() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::start();
    let team = Team::new(&server).await;
    browser.open(&format!("{}/docs/realtime", server.url())).await;
    connect(&browser, &team.assignee).await;
    team.toggle(2).await;
    shows(&browser, 2).await;
    browser.click("Disconnect").await;
    browser.status_contains("Disconnected").await;

    team.toggle(3).await;
    team.owner.patch(team.path(), json!({"title": "<img src=x onerror=\"document.title = 'run'\">"})).await.expect(200);
    team.toggle(1).await;
    assert_eq!(shown(&browser).await.len(), 2);
    browser.click("Connect").await;
    shows(&browser, 6).await;
    let shown = shown(&browser).await;
    let numbers: Vec<_> = shown.iter().map(|(seq, _)| seq.parse::<i64>().unwrap()).collect();
    assert_eq!(numbers, [7, 6, 5, 4, 3, 2]);
    assert!(shown[0].1.contains("<img src=x"), "{shown:#?}");
    assert!(!shown.iter().any(|(_, text)| text.contains("expected")), "{shown:#?}");
    let page = browser.run("return [document.title, document.querySelectorAll('img').length];").await;
    assert_eq!(page, json!(["Realtime · fasttrack", 0]), "what others write is shown and never run");
    browser.close().await;
}

#[tokio::test]
async fn realtime_page_shows_close_code() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::start();
    let account = server.register().await;
    browser.open(&format!("{}/docs/realtime", server.url())).await;
    connect(&browser, &account).await;
    account.log_out().await.expect(200);
    browser.status_contains("4401").await;
    browser.click("Connect").await;
    browser.status_contains("1006").await;
    let account = server.register().await;
    connect(&browser, &account).await;
    server.terminate();
    browser.status_contains("1012").await;
    browser.close().await;
}
