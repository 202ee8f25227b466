//! Judges a history that a test has kept.

use fasttrack_tests::history::{Limits, check, read};
use std::path::Path;

#[test]
#[ignore = "it takes a file: cargo xtask histories --replay FILE"]
#[expect(clippy::disallowed_methods, reason = "tests have no command line for their settings")]
fn recorded_history_is_right() {
    let file = std::env::var_os("HISTORY_FILE").unwrap();
    let history = read(Path::new(&file)).unwrap();
    let report = check(&history, &Limits::contract());
    println!("{report}");
    assert!(report.is_right(), "{} findings", report.findings.len());
}
