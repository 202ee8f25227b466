//! A headless Chromium, by `WebDriver` (<https://www.w3.org/TR/webdriver2/>).

use base64::{Engine, engine::general_purpose::STANDARD};
use fasttrack_tests::{DEADLINE, eventually};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, ErrorKind, Write, stdout},
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// The key under which `WebDriver` gives an element's id (section 12.3).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Without these the browser loads more than the page that it is shown.
const ARGUMENTS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--window-size=1500,1000",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// An open browser with one page. Dropping it ends the browser.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    http: Client,
    session: String,
    _profile: TempDir,
}

impl Browser {
    /// Starts chromedriver and a browser. `None` where there is no chromedriver; fails there if `CI` is set.
    #[expect(clippy::disallowed_methods, reason = "tests have no command line for their settings")]
    #[expect(clippy::explicit_write, reason = "what is printed in a test is only shown where it fails")]
    pub async fn start() -> Option<Self> {
        let driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut driver = match driver {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                assert!(std::env::var_os("CI").is_none(), "CI is set, but there is no chromedriver");
                writeln!(stdout(), "ignored: no chromedriver").unwrap();
                return None;
            }
            driver => driver.unwrap(),
        };
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines().map(Result::unwrap);
        let port = lines.find_map(|line| Some(line.split_once("successfully on port ")?.1.to_owned())).unwrap();
        let profile = tempfile::tempdir().unwrap();
        let home = format!("--user-data-dir={}", profile.path().display());
        let arguments: Vec<_> = ARGUMENTS.into_iter().chain([home.as_str()]).collect();
        let session = format!("http://127.0.0.1:{}/session", port.trim_end_matches('.'));
        let mut browser = Self { driver, http: Client::new(), session, _profile: profile };
        let capabilities = json!({"alwaysMatch": {
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
            // A page with many open operations is slow on a busy machine.
            "timeouts": {"script": DEADLINE.as_millis(), "pageLoad": DEADLINE.as_millis()},
        }});
        let made = browser.command(Method::POST, "", json!({"capabilities": capabilities})).await;
        browser.session = format!("{}/{}", browser.session, made["sessionId"].as_str().unwrap());
        Some(browser)
    }

    /// Loads a page.
    pub async fn open(&self, url: &str) {
        self.command(Method::POST, "/url", json!({"url": url})).await;
    }

    /// Replaces the text of the field that has this label.
    pub async fn fill(&self, label: &str, text: &str) {
        let field = self.find("xpath", &format!("//input[@id = //label[. = '{label}']/@for]")).await;
        self.command(Method::POST, &format!("/element/{field}/clear"), json!({})).await;
        self.command(Method::POST, &format!("/element/{field}/value"), json!({"text": text})).await;
    }

    /// Types into the first field that matches this CSS selector.
    pub async fn type_into(&self, selector: &str, text: &str) {
        let field = self.find("css selector", selector).await;
        self.command(Method::POST, &format!("/element/{field}/value"), json!({"text": text})).await;
    }

    /// Shows the page on the screen of a phone. A page without a viewport doesn't fit into `width` pixels then.
    pub async fn emulate_phone(&self, width: u32) {
        let metrics = json!({"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": true});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Shows the page in the window again, after [`emulate_phone`](Self::emulate_phone).
    pub async fn stop_emulation(&self) {
        self.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await;
    }

    /// Sends a command of the Chrome `DevTools` Protocol.
    async fn devtools(&self, name: &str, parameters: Value) {
        let command = json!({"cmd": name, "params": parameters});
        self.command(Method::POST, "/goog/cdp/execute", command).await;
    }

    /// Takes a screenshot of the visible part of the page, as a PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        let image = self.command(Method::GET, "/screenshot", Value::Null).await;
        STANDARD.decode(image.as_str().unwrap()).unwrap()
    }

    /// Clicks on the button with this text.
    pub async fn click(&self, button: &str) {
        let button = self.find("xpath", &format!("//button[. = '{button}']")).await;
        self.command(Method::POST, &format!("/element/{button}/click"), json!({})).await;
    }

    /// Waits until the element with the ARIA role `status` contains this text.
    pub async fn status_contains(&self, text: &str) {
        let status = self.find("css selector", "[role=status]").await;
        eventually(&format!("the status contains {text:?}"), async || {
            let shown = self.command(Method::GET, &format!("/element/{status}/text"), Value::Null).await;
            shown.as_str().unwrap().contains(text)
        })
        .await;
    }

    /// Runs a script in the page and returns its result. A promise is awaited.
    pub async fn run(&self, script: &str) -> Value {
        self.command(Method::POST, "/execute/sync", json!({"script": script, "args": []})).await
    }

    /// Returns what was written to the console since the last call.
    pub async fn console(&self) -> Vec<String> {
        let log = self.command(Method::POST, "/se/log", json!({"type": "browser"})).await;
        let text = |entry: &Value| entry["message"].as_str().unwrap().to_owned();
        log.as_array().unwrap().iter().map(text).collect()
    }

    async fn find(&self, using: &str, value: &str) -> String {
        let found = self.command(Method::POST, "/element", json!({"using": using, "value": value})).await;
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    async fn command(&self, method: Method, path: &str, body: Value) -> Value {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.session));
        if method == Method::POST {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let mut answer: Value = response.json().await.unwrap();
        assert!(status.is_success(), "{path} {body}: {answer:#}");
        answer["value"].take()
    }

    /// Ends the browser in an orderly way.
    pub async fn close(self) {
        self.command(Method::DELETE, "", Value::Null).await;
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser ends with its driver.
        self.driver.kill().unwrap();
        self.driver.wait().unwrap();
    }
}
