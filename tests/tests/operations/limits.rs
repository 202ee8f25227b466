//! The documented table of limits, and limits without a test elsewhere.

use fasttrack_tests::{Installation, RawConnection};
use std::collections::BTreeSet;

/// The page of the operator's manual.
const MANUAL: &str = include_str!("../../../docs/operations/limits.md");

/// Settings that are limits, each of which the table has.
const BOUNDS: [&str; 17] = [
    "DATABASE_POOL_SIZE",
    "KEEP_ALIVE_SECONDS",
    "LOGIN_RATE_LIMIT",
    "MAX_COMMENTS_PER_TASK",
    "MAX_CONNECTIONS",
    "MAX_CONNECTIONS_PER_ADDRESS",
    "MAX_PROJECTS_PER_USER",
    "MAX_QUEUE_MILLISECONDS",
    "MAX_TASKS_PER_PROJECT",
    "RATE_LIMIT_REQUESTS",
    "RATE_LIMIT_WINDOW_SECONDS",
    "REQUEST_TIMEOUT_SECONDS",
    "SESSION_MAX_DAYS",
    "SHUTDOWN_DELAY_SECONDS",
    "WORKERS",
    "WS_CONNECTIONS_PER_USER",
    "WS_PING_SECONDS",
];

fn is_variable(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(|first| first.is_ascii_uppercase())
        && (word.contains('_') || word == "WORKERS")
        && letters.all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}

#[tokio::test]
async fn documented_limits_are_the_existing_settings() {
    let help = Installation::new().command(["--help"]).run().await.succeeded();
    let words = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.filter(|word| is_variable(word)).map(str::to_owned).collect()
    };
    let rows: Vec<_> = MANUAL.lines().filter(|line| line.starts_with('|')).collect();
    let (rows, help) = (words(&rows.join("\n")), words(&help));
    let unknown: Vec<_> = rows.difference(&help).collect();
    assert!(unknown.is_empty(), "the table names {unknown:?}, which --help doesn't");
    let missing: Vec<_> = BOUNDS.into_iter().filter(|bound| !rows.contains(*bound)).collect();
    assert!(missing.is_empty(), "the table lacks {missing:?}");
    // What looks like a bound belongs into the list above.
    let hints = ["MAX_", "_LIMIT", "_TIMEOUT", "_PER_", "POOL_SIZE"];
    for setting in help.iter().filter(|setting| hints.iter().any(|hint| setting.contains(hint))) {
        assert!(BOUNDS.contains(&setting.as_str()), "{setting} is in neither table nor list");
    }
}

#[tokio::test]
async fn oversized_request_head_is_refused() {
    let server = Installation::new().start();
    let path = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "x".repeat(65_534));
    let headers = format!("GET /health/live HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X-Many: x\r\n".repeat(96));
    let mut long = "GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-Long: ".to_owned();
    long.push_str(&"x".repeat(128 * 1024 - long.len()));
    for (head, status) in [(path, "400 "), (headers, "431 "), (long, "431 ")] {
        let mut raw = RawConnection::open(&server).await;
        raw.send(head).await.unwrap();
        let answer = raw.rest().await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
    let fits = "X-Many: x\r\n".repeat(94);
    let mut raw = RawConnection::open(&server).await;
    let head = format!("GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{fits}\r\n");
    raw.send(head).await.unwrap();
    assert!(raw.rest().await.starts_with("HTTP/1.1 200 "));
}
