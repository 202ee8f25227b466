//! The pages that describe the API, under the policies that they are served with.

use crate::browser::Browser;
use fasttrack_tests::{Server, eventually};
use serde_json::{Value, json};
use std::{fs, ops::Range, path::Path};

/// Each page, and a condition that holds once it is shown.
const PAGES: [(&str, &str); 5] = [
    ("/", "document.querySelectorAll('main a').length === 5"),
    ("/docs", "document.querySelectorAll('.opblock').length > 40"),
    ("/redoc", "document.querySelectorAll('[data-section-id^=\"tag/\"]').length > 5"),
    ("/docs/realtime", "document.querySelector('[role=status]')?.textContent === 'Not connected.'"),
    ("/docs/webhooks", "document.querySelector('[role=status]')?.textContent === 'No project is chosen.'"),
];

/// The width of many phones, in CSS pixels.
const PHONE: u32 = 390;

/// Operations that are open at the same time. All of them would keep the page busy for longer than the driver waits.
const OPEN_AT_ONCE: usize = 10;

async fn show(browser: &Browser, server: &Server, path: &str) {
    let (_, shown) = PAGES.into_iter().find(|(page, _)| path.split('#').next() == Some(page)).unwrap();
    browser.open(&format!("{}{path}", server.url())).await;
    let shown = format!("return {shown};");
    eventually(&format!("{path} is shown"), async || browser.run(&shown).await == true).await;
}

/// Clicks on the button that matches a selector, once there is one.
async fn press(browser: &Browser, selector: &str) {
    let script =
        format!("const button = document.querySelector('{selector}'); button?.click(); return button !== null;");
    eventually(&format!("{selector} is there"), async || browser.run(&script).await == true).await;
}

/// Waits until the open operation shows a response with this status.
async fn answered(browser: &Browser, status: u16) {
    let script = format!(
        "const cells = [...document.querySelectorAll('.live-responses-table .response-col_status')];
        return cells.some((cell) => cell.textContent.startsWith('{status}'));"
    );
    eventually("it is answered", async || browser.run(&script).await == true).await;
}

#[tokio::test]
async fn every_page_works_and_blocks_injected_scripts() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::start();
    for (path, _) in PAGES {
        show(&browser, &server, path).await;
        assert_eq!(browser.console().await, Vec::<String>::new(), "{path}");

        // An injected script doesn't run, and nothing can be sent to another origin.
        let ran = "const script = document.createElement('script');
            script.textContent = 'window.ran = true';
            document.body.append(script);
            return window.ran ?? false;";
        assert_eq!(browser.run(ran).await, false, "{path}");
        let sent = "return fetch('https://evil.example', {mode: 'no-cors'}).then(() => 'sent', () => 'refused');";
        assert_eq!(browser.run(sent).await, "refused", "{path}");
        let console = browser.console().await;
        let refused = console.iter().filter(|line| line.contains("Content Security Policy")).count();
        assert!(refused >= 2, "{console:#?}");
    }
    browser.close().await;
}

#[tokio::test]
async fn docs_sends_request_and_shows_response() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::start();
    browser.open(&format!("{}/docs#/operations/live", server.url())).await;
    press(&browser, ".opblock .execute").await;
    answered(&browser, 200).await;
    assert_eq!(browser.console().await, Vec::<String>::new());
    browser.close().await;
}

#[tokio::test]
async fn every_page_fits_phone_width() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::start();
    browser.emulate_phone(PHONE).await;
    let screenshots = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    fs::create_dir_all(&screenshots).unwrap();
    let pages = PAGES.map(|(path, _)| path).into_iter().chain(["/docs#/tasks/updateTask"]);
    for path in pages {
        show(&browser, &server, path).await;
        if path.contains('#') {
            let open = "return document.querySelector('.opblock.is-open .execute') !== null;";
            eventually("it is open", async || browser.run(open).await == true).await;
        }
        let page = "const page = document.scrollingElement;
            const wide = [...document.querySelectorAll('body *')].filter((it) => it.getBoundingClientRect().right > innerWidth + 1);
            return [innerWidth, page.scrollWidth, wide.slice(0, 3).map((it) => it.outerHTML.slice(0, 200))];";
        let page = browser.run(page).await;
        assert_eq!((&page[0], &page[1]), (&json!(PHONE), &json!(PHONE)), "{path} scrolls sideways: {page:#}");
        let image = browser.screenshot().await;
        // The width of a PNG, behind its signature and the head of its first chunk.
        assert_eq!(image[16..20], PHONE.to_be_bytes(), "{path}");
        let name = path.trim_start_matches('/').replace(['/', '#'], "-");
        fs::write(screenshots.join(format!("{}.png", if name.is_empty() { "home" } else { &name })), image).unwrap();
    }
    browser.close().await;
}

#[tokio::test]
async fn docs_keeps_token_after_reload() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::start();
    let account = server.register().await;
    show(&browser, &server, "/docs#/auth/me").await;
    press(&browser, ".btn.authorize").await;
    // The other field is for API tokens, which this operation is closed to.
    let mark = "[...document.querySelectorAll('.modal-ux .auth-container')]\
        .find((scheme) => scheme.querySelector('h4').textContent.startsWith('bearer')).id = 'access-token';";
    browser.run(mark).await;
    browser.type_into("#access-token input", &account.access_token).await;
    press(&browser, "#access-token .btn.authorize").await;
    let authorized = "return document.querySelector('.auth-wrapper .btn.authorize.locked') !== null;";
    eventually("it is authorized", async || browser.run(authorized).await == true).await;
    browser.run("location.reload();").await;
    eventually("it is still authorized", async || browser.run(authorized).await == true).await;
    press(&browser, ".opblock.is-open .execute").await;
    answered(&browser, 200).await;
    browser.close().await;
}

#[tokio::test]
async fn docs_starts_with_registration_and_filters() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::start();
    show(&browser, &server, "/docs").await;
    let paths = "return [...document.querySelectorAll('.opblock-summary-path')].map((path) => path.dataset.path);";
    assert_eq!(browser.run(paths).await[0], "/auth/register");
    for (typed, expected) in
        [("Password", "/auth/password/"), ("PATCH", ""), ("comments", "comments"), ("/ws/ticket", "/ws/ticket")]
    {
        let clear = "const field = document.querySelector('.operation-filter-input'); field.select(); field.focus();";
        browser.run(clear).await;
        browser.type_into(".operation-filter-input", typed).await;
        eventually(&format!("{typed} is found"), async || {
            let paths = browser.run(paths).await;
            let paths = paths.as_array().unwrap();
            let fits = |path: &Value| path.as_str().unwrap().contains(expected);
            (1..20).contains(&paths.len()) && paths.iter().all(fits)
        })
        .await;
    }
    browser.close().await;
}

/// Clicks on the headings of some operations, which opens or closes them.
async fn toggle(browser: &Browser, operations: &Range<usize>) {
    let Range { start, end } = operations;
    let script = format!(
        "[...document.querySelectorAll('.opblock')].slice({start}, {end})
            .forEach((block) => block.querySelector('.opblock-summary-control').click());"
    );
    browser.run(&script).await;
}

/// The ids and heights of the open operations, once all of them are rendered at this width.
async fn heights(browser: &Browser, count: usize, is_phone: bool) -> Vec<(String, u64)> {
    let script = format!(
        "const open = [...document.querySelectorAll('.opblock.is-open')];
        const isWidth = (document.documentElement.clientWidth <= {PHONE}) === {is_phone};
        const areRendered = open.length === {count} && open.every((block) => block.querySelector('.responses-table'));
        return isWidth && areRendered ? open.map((block) => [block.id, block.offsetHeight]) : null;"
    );
    let mut measured = Value::Null;
    eventually("the operations are open", async || {
        measured = browser.run(&script).await;
        !measured.is_null()
    })
    .await;
    serde_json::from_value(measured).unwrap()
}

#[tokio::test]
async fn opened_operation_is_at_most_3000_pixels_high() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::start();
    show(&browser, &server, "/docs").await;
    let count = browser.run("return document.querySelectorAll('.opblock').length;").await.as_u64().unwrap();
    let count = usize::try_from(count).unwrap();
    for start in (0..count).step_by(OPEN_AT_ONCE) {
        let operations = start..count.min(start + OPEN_AT_ONCE);
        toggle(&browser, &operations).await;
        for is_phone in [false, true] {
            if is_phone {
                browser.emulate_phone(PHONE).await;
            }
            for (id, height) in heights(&browser, operations.len(), is_phone).await {
                assert!(height <= 3_000, "phone: {is_phone}; {id}: {height}");
            }
        }
        browser.stop_emulation().await;
        toggle(&browser, &operations).await;
    }
    browser.close().await;
}
