//! A soak: a server under a mixed load for a long time, with kills, restarts, backups and new keys. Its memory, files,
//! connections and tables must not grow, and no request may fail.
//!
//! [`pilot`] runs the [`plan`]. [`actor`] sends requests to the [`site`] and opens [`connections`]. [`sample`] and [`rows`]
//! take the figures, and [`judge`] decides by the bound of each [`figure`]. `cargo xtask soak` runs it for hours, with the
//! binary that is built for release.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod actor;
mod backup;
mod connections;
mod figure;
mod judge;
mod judge_tests;
mod pilot;
mod plan;
mod report;
mod rows;
mod sample;
mod site;

use pilot::KINDS;
use plan::Plan;
use report::Report;
use std::{fs, time::Duration};

/// How long it takes where `SOAK_SECONDS` doesn't say.
const SECONDS: u64 = 20;

/// Figures of each sample, on any database.
const FIGURES: [&str; 7] =
    ["memory (PSS)", "memory (RSS)", "open files", "threads", "TCP connections", "database", "rows of users"];

/// What `cargo xtask soak` sets.
#[expect(clippy::disallowed_methods, reason = "tests have no command line for their settings")]
fn setting(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.into_string().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_stay_flat_under_load() {
    let seconds = setting("SOAK_SECONDS").map_or(SECONDS, |seconds| seconds.parse().unwrap());
    let plan = Plan::new(Duration::from_secs(seconds));
    let soak = pilot::soak(&plan, setting("SOAK_BINARY").as_deref()).await;
    let verdicts = judge::judge(&soak.samples, plan.duration.as_secs_f64());
    let report = Report { plan: &plan, soak: &soak, verdicts: &verdicts };
    println!("{report}");
    if let Some(path) = setting("SOAK_OUTPUT") {
        fs::write(path, format!("{:#}\n", report.json())).unwrap();
    }
    for figure in FIGURES {
        let values: Vec<f64> = soak.samples.iter().map(|sample| sample.values[figure]).collect();
        assert!(values.iter().any(|value| *value > 0.0), "{figure}: {values:?}");
    }
    for kind in KINDS {
        assert!(soak.tally.count(&[kind]) > 0, "no {kind}: {:#?}", soak.tally);
    }
    assert!(soak.webhook_requests > 0, "webhooks sent nothing");
    let grown = report.grown();
    assert!(grown.is_empty(), "not flat:\n  {}\n{report}", grown.join("\n  "));
}
