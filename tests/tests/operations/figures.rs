//! Metrics of the database and of background work, and their documentation.

use fasttrack_tests::{Installation, Scrape, Server, eventually};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

pub fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

pub fn read(path: &str) -> String {
    fs::read_to_string(root(path)).unwrap()
}

/// Returns the words between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Returns type and labels of each documented metric by its name.
pub fn documented() -> BTreeMap<String, (String, BTreeSet<String>)> {
    let manual = read("docs/operations/metrics.md");
    let rows = manual.lines().filter(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, name, kind, labels, about, _] = cells[..] else { panic!("{line}") };
        assert!(!about.is_empty(), "{line}");
        (quoted(name).next().unwrap().to_owned(), (kind.to_owned(), quoted(labels).map(str::to_owned).collect()))
    };
    rows.map(row).collect()
}

/// Waits until `holds` is true of the metrics, and returns these.
pub async fn shows(server: &Server, what: &str, holds: impl Fn(&Scrape) -> bool) -> Scrape {
    let mut scrape = Scrape::default();
    eventually(what, async || {
        scrape = server.metrics().await;
        holds(&scrape)
    })
    .await;
    scrape
}

/// Starts a server on which every metric has a sample.
pub async fn experienced() -> (Server, Scrape) {
    let issuer = "http://127.0.0.1:9";
    let server = Installation::new().with("JWKS_URL", issuer).with("JWT_ISSUER", issuer).with("JWT_AUDIENCE", issuer);
    let server = server.start();
    server.register().await;
    let mut scrape = Scrape::default();
    eventually("a job was done", async || {
        scrape = server.metrics().await;
        scrape.families.contains_key("fasttrack_jobs_attempts_total")
    })
    .await;
    (server, scrape)
}

#[tokio::test]
async fn documented_metrics_are_the_exported_ones() {
    let (server, scrape) = experienced().await;
    let other = if server.installation().is_on_postgres() { "fasttrack_sqlite_" } else { "fasttrack_postgres_" };
    let documented: BTreeMap<_, _> = documented().into_iter().filter(|(name, _)| !name.starts_with(other)).collect();
    let labels = |labels: BTreeSet<&str>| labels.into_iter().map(str::to_owned).collect();
    let shown: BTreeMap<_, (_, BTreeSet<String>)> = scrape
        .families
        .iter()
        .map(|(name, family)| (name.clone(), (family.kind.clone(), labels(family.labels()))))
        .collect();
    for (name, row) in &documented {
        assert_eq!(shown.get(name), Some(row), "{name} as it's shown and as the manual has it");
    }
    let undocumented: Vec<_> = shown.keys().filter(|name| !documented.contains_key(*name)).collect();
    assert!(undocumented.is_empty(), "{undocumented:?}");
}

#[tokio::test]
async fn database_and_token_metrics_count() {
    let server = Installation::new().start();
    let ann = server.register().await;
    let before = server.metrics().await;
    let project = ann.project().await;
    for _ in 0..3 {
        ann.get(format!("/projects/{project}")).await.expect(200);
    }
    ann.log_out().await.expect(200);
    ann.get("/projects").await.refused(401, "token_revoked");
    let after = server.metrics().await;
    let grown = |name: &str, labels: &[(&str, &str)]| after.count(name, labels) - before.count(name, labels);
    if server.installation().is_on_postgres() {
        for name in ["fasttrack_postgres_wait_duration_seconds", "fasttrack_postgres_work_duration_seconds"] {
            assert!(grown(&format!("{name}_count"), &[]) >= 5, "{name}");
        }
        let held = after.count("fasttrack_postgres_connections", &[]);
        assert!((1..=after.count("fasttrack_postgres_connections_limit", &[])).contains(&held), "{held}");
    } else {
        // The project and the logout; dispatching may share a commit with either.
        let units = grown("fasttrack_sqlite_commit_units_sum", &[]);
        assert!(units >= 2, "{units}");
        assert!((1..=units).contains(&grown("fasttrack_sqlite_commit_duration_seconds_count", &[])));
        assert_eq!(after.count("fasttrack_sqlite_commit_failures_total", &[]), 0);
    }
    assert_eq!(grown("fasttrack_token_cache_lookups_total", &[("result", "hit")]), 6);
    assert_eq!(grown("fasttrack_token_cache_lookups_total", &[("result", "miss")]), 0);
    assert!(grown("fasttrack_blocklist_entries", &[]) >= 1);
    assert_eq!(after.count("fasttrack_blocklist_outdated", &[]), 0);
    assert_eq!(after.count("fasttrack_database_refused_total", &[]), 0);
}

#[tokio::test]
async fn backlog_metrics_are_sampled() {
    let server = Installation::new().start();
    let ann = server.register().await;
    let done = [("kind", "verification_mail"), ("result", "done")];
    let scrape =
        shows(&server, "a job is done", |scrape| scrape.count("fasttrack_jobs_attempts_total", &done) == 1).await;
    assert_eq!(scrape.count("fasttrack_jobs_attempts_total", &[]), 1);
    ann.task(ann.project().await, json!({})).await;
    shows(&server, "events are dispatched", |scrape| {
        scrape.count("fasttrack_outbox_dispatched_events_total", &[]) >= 1
    })
    .await;

    // An event that no program can read, and a job that was given up long ago.
    server.installation().sql(
        "INSERT INTO events (kind, payload, created_at) SELECT 'x', '{}', created_at FROM users LIMIT 1;
         INSERT INTO jobs (kind, payload, attempts, run_at, dead_at, created_at)
         SELECT 'x', '{}', 12, created_at, created_at, created_at FROM users LIMIT 1",
    );
    let scrape = shows(&server, "both are seen", |scrape| {
        scrape.count("fasttrack_outbox_events", &[("state", "set_aside")]) == 1
            && scrape.count("fasttrack_jobs", &[("state", "dead")]) == 1
    })
    .await;
    assert_eq!(scrape.count("fasttrack_outbox_events", &[("state", "waiting")]), 0);
    assert_eq!(scrape.count("fasttrack_outbox_oldest_event_age_seconds", &[]), 0);
    assert!(scrape.count("fasttrack_backlog_measured_timestamp_seconds", &[]) > 1_700_000_000);
}
