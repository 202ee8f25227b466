//! Floods of unauthenticated requests don't use up the database pool.

use crate::external::issuer::Issuer;
use fasttrack_tests::{Account, Answer, Client, Installation, Server, all, eventually};
use serde_json::json;
use tokio::task::{JoinHandle, JoinSet, spawn_blocking};

/// Keeps a table locked until it is dropped, so that work on it holds its connection.
struct Locked {
    installation: Installation,
    table: &'static str,
    holding: JoinHandle<()>,
}

impl Locked {
    async fn hold(installation: &Installation, table: &'static str) -> Self {
        let hold = format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(60), 'held {table}'");
        let holder = installation.clone();
        let locked = Self {
            installation: installation.clone(),
            table,
            // Ended by the drop, which is an error to whoever waits for it.
            holding: spawn_blocking(move || holder.sql(&hold)),
        };
        eventually("the table is locked", async || {
            let (installation, table) = (installation.clone(), table);
            let attempt = format!("BEGIN; LOCK TABLE {table} IN ACCESS SHARE MODE NOWAIT; COMMIT");
            spawn_blocking(move || installation.sql(&attempt)).await.is_err()
        })
        .await;
        locked
    }

    fn release(self) {
        let table = self.table;
        self.installation.sql(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE query LIKE '%held {table}%' AND pid <> pg_backend_pid()"
        ));
        self.holding.abort();
    }
}

/// Starts a server whose pool is much smaller than the flood.
fn prepare(installation: Installation) -> Server {
    installation.with("DATABASE_POOL_SIZE", "4").with("RATE_LIMIT_REQUESTS", "600").start()
}

/// Sends requests without a pause on forty connections, until it is dropped.
fn flood(ask: impl Fn(usize) -> fasttrack_tests::Request + Clone + Send + 'static) -> JoinSet<()> {
    (0..40)
        .map(|n| {
            let ask = ask.clone();
            async move { while ask(n).try_send().await.is_some() {} }
        })
        .collect()
}

/// Fails unless requests of a user are served.
async fn is_served(account: &Account, task: i64) {
    let patch = |n: usize| account.patch(format!("/tasks/{task}"), json!({"description": n.to_string()}));
    for n in 0..20 {
        patch(n).await.expect(200);
    }
    for answer in all((20..30).map(patch)).await {
        answer.expect(200);
    }
}

async fn worker(server: &Server) -> (Account, i64) {
    let ann = server.register().await;
    let project = ann.project().await;
    let task = ann.task(project, json!({})).await;
    (ann, task)
}

#[tokio::test(flavor = "multi_thread")]
async fn user_is_served_during_flood_of_readiness_checks() {
    let server = prepare(Installation::new());
    let (ann, task) = worker(&server).await;
    let locked = Locked::hold(server.installation(), "__diesel_schema_migrations").await;
    let client = server.anonymous();
    let flood = flood(move |_| client.get("/health/ready"));
    is_served(&ann, task).await;
    drop(flood);
    locked.release();
    let client = server.anonymous();
    eventually("it is ready", async || client.get("/health/ready").await.status == 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn user_is_served_during_flood_of_invalid_tickets() {
    let server = prepare(Installation::new());
    let (ann, task) = worker(&server).await;
    let locked = Locked::hold(server.installation(), "tickets").await;
    let client = server.anonymous();
    let flood = flood(move |_| client.get("/events?ticket=AAAA"));
    is_served(&ann, task).await;
    drop(flood);
    locked.release();
    counted_to_the_end(&server.anonymous(), async |client| client.get("/events?ticket=AAAA").await).await;
    is_served(&ann, task).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn user_is_served_during_flood_of_foreign_tokens() {
    let issuer = Issuer::new().await;
    let server = prepare(issuer.trusted_by(Installation::new()));
    let (ann, task) = worker(&server).await;
    // Known keys: what follows has to look at accounts.
    issuer.user(&server, json!({"sub": "first"})).get("/tasks").await.expect(200);
    let locked = Locked::hold(server.installation(), "identities").await;
    let client = server.anonymous();
    let tokens: Vec<_> = (0..40).map(|n| issuer.key.token(json!({"sub": format!("u-{n}")}))).collect();
    let flood = flood(move |n| client.with_token(&tokens[n]).get("/tasks"));
    is_served(&ann, task).await;
    drop(flood);
    locked.release();
    let made_up = issuer.key.token(json!({"sub": "u-1"})) + "A";
    counted_to_the_end(&server.anonymous().with_token(&made_up), async |client| client.get("/tasks").await).await;
    is_served(&ann, task).await;
}

/// Sends requests that fail, until the limit of the network refuses one.
async fn counted_to_the_end(client: &Client, ask: impl AsyncFn(&Client) -> Answer) {
    for _ in 0..=600 {
        let answer = ask(client).await;
        if answer.status == 429 {
            return;
        }
        assert!(matches!(answer.status, 401 | 503), "{answer:#?}");
    }
    panic!("never refused by the limit");
}
