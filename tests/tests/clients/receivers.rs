//! The receivers of `docs/webhooks.md` verify what the real server sends: two with the public libraries of the standard.

use crate::workshop::Workshop;
use fasttrack_tests::{
    Account, Client, Installation, Server, code_blocks, eventually, packages, unique_email, webhook_signature,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    process::Stdio,
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

const MANUAL: &str = include_str!("../../../docs/webhooks.md");

/// The receiver in Rust, which is compiled with these tests.
const RUST: &str = include_str!("../../webhooks/receiver.rs");

/// The projects without the files of the manual.
const PROJECTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/webhooks");

/// A receiver that runs, and the lines that it has printed.
struct Running {
    _process: Child,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Running {
    fn start(mut receiver: Command, secret: &str) -> Self {
        receiver.env("WEBHOOK_SECRET", secret).env("PORT", "0");
        receiver.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut process = receiver.spawn().unwrap();
        let mut printed = BufReader::new(process.stdout.take().unwrap()).lines();
        let lines = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&lines);
        tokio::spawn(async move {
            while let Ok(Some(line)) = printed.next_line().await {
                kept.lock().unwrap().push(line);
            }
        });
        Self { _process: process, lines }
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Waits for this many lines, and returns the last one.
    async fn line(&self, count: usize) -> String {
        eventually(&format!("{count} lines"), async || self.lines().len() >= count).await;
        self.lines().pop().unwrap()
    }

    /// Waits for its URL, which it prints first.
    async fn url(&self) -> String {
        self.line(1).await.strip_prefix("listening on ").unwrap().to_owned()
    }
}

#[expect(clippy::disallowed_methods, reason = "the receiver has its own clock")]
fn seconds_ago(seconds: u64) -> String {
    (SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() - seconds).to_string()
}

async fn post(owner: &Account, path: &str, status: u16) -> Value {
    owner.request(Method::POST, path).await.expect(status).data()
}

/// Waits until the newest delivery was delivered after so many attempts, and returns it.
async fn delivered(owner: &Account, webhook: &str, attempts: i64) -> Value {
    let mut newest = Value::Null;
    eventually("the newest delivery is delivered", async || {
        let deliveries = owner.get(format!("{webhook}/deliveries")).await.expect(200).items();
        newest = deliveries.into_iter().next().unwrap_or_default();
        newest["status"] == "delivered" && newest["attempts"] == attempts
    })
    .await;
    newest
}

/// Sends a message directly, and returns the status of the answer.
async fn send(url: &str, id: &str, timestamp: &str, signature: &str, body: &str) -> u16 {
    let request = Client::new(url).request(Method::POST, "/hook").body("application/json", body);
    let request = request.header("webhook-id", id).header("webhook-timestamp", timestamp);
    request.header("webhook-signature", signature).status().await
}

/// Checks a receiver: it accepts what the server sends, handles each message once, and refuses everything else.
async fn works(receiver: Command) {
    let server = Installation::new().with("WEBHOOK_ALLOW_NETWORKS", "127.0.0.0/8").start();
    let ann = register_ann(&server).await;
    let project = ann.project().await;
    let body = json!({"url": "http://127.0.0.1:9", "types": ["task.created"]});
    let created = ann.post(format!("/projects/{project}/webhooks"), body).await.expect(201);
    let (webhook, secret) = (format!("/webhooks/{}", created.id()), created.data()["secret"].clone());
    let secret = secret.as_str().unwrap();
    let running = Running::start(receiver, secret);
    let url = running.url().await;
    ann.patch(&webhook, json!({"url": format!("{url}/hook")})).await.expect(200);

    post(&ann, &format!("{webhook}/test"), 202).await;
    assert_eq!(running.line(2).await, "ping");
    delivered(&ann, &webhook, 1).await;
    ann.task(project, json!({"title": "Straße fegen 🐢"})).await;
    assert_eq!(running.line(3).await, "Ann created Straße fegen 🐢");
    // The same message again is accepted, and not handled.
    let delivery = delivered(&ann, &webhook, 1).await;
    post(&ann, &format!("/deliveries/{}/retry", delivery["id"]), 202).await;
    delivered(&ann, &webhook, 2).await;
    // After a rotation the old secret is good for a day.
    post(&ann, &format!("{webhook}/rotate"), 200).await;
    ann.task(project, json!({"title": "Dig"})).await;
    assert_eq!(running.line(4).await, "Ann created Dig");
    delivered(&ann, &webhook, 1).await;

    let (now, old, body) = (seconds_ago(0), seconds_ago(600), r#"{"type": "forged", "data": {}}"#);
    let sign = |timestamp: &str, body: &str| webhook_signature(secret, "msg_1", timestamp, body);
    for (timestamp, signature) in [
        (&now, sign(&now, "{}")),
        (&now, sign(&old, body)),
        (&now, sign(&now, body).replace("v1,", "v2,")),
        (&now, "v1,".to_owned()),
        (&old, sign(&old, body)),
    ] {
        assert_eq!(send(&url, "msg_1", timestamp, &signature, body).await, 400, "{timestamp} {signature}");
    }
    assert_eq!(running.lines().len(), 4, "{:?}", running.lines());
    // Of several signatures one has to be right.
    let signatures = format!("v1,AAAA {}", sign(&now, body));
    assert_eq!(send(&url, "msg_1", &now, &signatures, body).await, 204);
    assert_eq!(running.line(5).await, "forged");
}

async fn register_ann(server: &Server) -> Account {
    let ann = server.register_as(&unique_email("ann")).await;
    ann.patch("/users/me", json!({"display_name": "Ann"})).await.expect(200);
    ann
}

fn command(name: &str) -> &'static str {
    let mut blocks = code_blocks(MANUAL).filter(|block| (block.language, block.name) == ("sh", name));
    blocks.next().unwrap().code
}

#[tokio::test]
async fn documented_receiver_in_typescript_works() {
    let project = format!("{PROJECTS}/receiver-typescript");
    let Some(packages) = packages::npm(env!("CARGO_TARGET_TMPDIR"), &project) else { return };
    let workshop = Workshop::new(&packages, "node_modules/.bin").with_page(MANUAL, "ts");
    let compiled = workshop.script(command("receiver-typescript")).status().await.unwrap();
    assert!(compiled.success());
    works(workshop.script("exec node receiver.js")).await;
}

#[tokio::test]
async fn documented_receiver_in_python_works() {
    let project = format!("{PROJECTS}/receiver-python");
    let Some(packages) = packages::pip(env!("CARGO_TARGET_TMPDIR"), &project) else { return };
    let workshop = Workshop::new(&packages, "venv/bin").with_page(MANUAL, "py");
    works(workshop.script("exec python receiver.py")).await;
}

#[tokio::test]
async fn documented_receiver_in_rust_works() {
    let documented = code_blocks(MANUAL).find(|block| block.language == "rust").unwrap();
    let (_, compiled) = RUST.split_once("\n\n").unwrap();
    assert_eq!(compiled.trim_end(), documented.code);
    works(Command::new(env!("CARGO_BIN_EXE_webhook-receiver"))).await;
}
