//! The table of bounds that operators read.

use fasttrack_tests::Installation;
use std::{collections::BTreeSet, fs, path::Path};

/// Settings that bound something, each of which the table has.
const BOUNDS: [&str; 12] = [
    "DATABASE_POOL_SIZE",
    "LOGIN_RATE_LIMIT",
    "MAX_CONNECTIONS",
    "MAX_CONNECTIONS_PER_ADDRESS",
    "MAX_QUEUE_MILLISECONDS",
    "RATE_LIMIT_REQUESTS",
    "RATE_LIMIT_WINDOW_SECONDS",
    "REQUEST_TIMEOUT_SECONDS",
    "SHUTDOWN_DELAY_SECONDS",
    "WORKERS",
    "WS_CONNECTIONS_PER_USER",
    "WS_PING_SECONDS",
];

/// The section of the operator's manual.
fn section() -> String {
    let manual = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md")).unwrap();
    let (_, section) = manual.split_once("\n## Limits and overload\n").expect("there is a section");
    section.split("\n## ").next().unwrap().to_owned()
}

fn is_variable(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(|first| first.is_ascii_uppercase())
        && word.contains('_')
        && letters.all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}

#[tokio::test]
async fn the_table_of_bounds_names_settings_that_exist_and_every_setting_that_bounds() {
    let help = Installation::new().command(["--help"]).run().await.succeeded();
    let words = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.filter(|word| is_variable(word)).map(str::to_owned).collect()
    };
    let rows: String = section().lines().filter(|line| line.starts_with('|')).map(|line| format!("{line}\n")).collect();
    let (rows, help) = (words(&rows), words(&help));
    let unknown: Vec<_> = rows.difference(&help).filter(|word| *word != "TCP_USER_TIMEOUT").collect();
    assert!(unknown.is_empty(), "the table names {unknown:?}, which --help doesn't");
    let missing: Vec<_> = BOUNDS.into_iter().filter(|bound| *bound != "WORKERS" && !rows.contains(*bound)).collect();
    assert!(missing.is_empty(), "the table lacks {missing:?}");
    // What looks like a bound belongs into the list above.
    let hints = ["MAX_", "_LIMIT", "_TIMEOUT", "_PER_", "POOL_SIZE"];
    for setting in help.iter().filter(|setting| hints.iter().any(|hint| setting.contains(hint))) {
        assert!(BOUNDS.contains(&setting.as_str()), "{setting} is in neither table nor list");
    }
}
