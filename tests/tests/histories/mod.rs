//! Histories: a load on one or two nodes while they, the database and what is between them fail. Every request is recorded
//! with its answer and both times, and [`fasttrack_tests::history`] judges whether all answers keep what is promised.
//!
//! [`load`] has the clients of [`writers`], [`members`], [`sessions`] and [`followers`], [`faults`] draws from a seed what
//! fails on the [`nodes`], and [`quiet`] reads everything once all of it is over. [`planted`] shows that faults of a server
//! are found.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod answers;
mod clients;
mod faults;
mod followers;
mod load;
mod members;
mod message;
mod nodes;
mod people;
mod planted;
mod quiet;
mod replay;
mod sessions;
mod tampering;
mod wire;
mod world;
mod writers;

use fasttrack_tests::{
    SOON,
    history::{self, Limits, Request, check},
};
use load::{Plan, Recorded, run};
use nodes::Nodes;
use std::{
    fs,
    time::{Duration, Instant},
};

/// How long clients send requests in CI, on one node and on two.
const ON_SQLITE: Duration = Duration::from_secs(8);
const ON_POSTGRES: Duration = Duration::from_secs(28);

/// The same of each history in the long form.
const LONG: Duration = Duration::from_secs(45);

/// What follows from a change, and has no promise of security, may take so long in CI: a machine may be busy, and stand still
/// for seconds. What is lost is found all the same, as everything is read again after that.
const PATIENT: Duration = Duration::from_secs(8);

/// How long nothing is changed at the end, in CI and in the long form: more than what follows from a change may take.
const SETTLED_IN_CI: Duration = Duration::from_millis(8200);
const SETTLED: Duration = Duration::from_millis(2200);

/// Of how many tasks one may have too many simultaneous requests to judge them.
const ONE_OF: usize = 20;

/// How many histories one after the other may have too little to judge: where a machine is slow, faults leave few answers.
const POOR: usize = 2;

/// How many lines of the servers' logs are printed of a history that breaks a promise.
const LINES: usize = 40;

/// A number that `cargo xtask histories` sets.
#[expect(clippy::disallowed_methods, reason = "tests have no command line for their settings")]
fn setting(name: &str) -> Option<u64> {
    let value = std::env::var_os(name)?;
    Some(value.to_str().unwrap().parse().unwrap())
}

/// For how long histories are recorded; `None` for the short form.
fn minutes() -> Option<Duration> {
    setting("HISTORIES_MINUTES").map(Duration::from_mins)
}

/// How long what is promised may take. In the short form that is longer, as machines may be busy.
fn limits() -> Limits {
    let contract = Limits::contract();
    if minutes().is_some() {
        return contract;
    }
    let [soon, patient] = [SOON, PATIENT].map(|limit| u64::try_from(limit.as_nanos()).unwrap());
    Limits { revocation: soon, access: soon, feed: patient, statistics: patient, notifications: patient, ..contract }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_during_faults_keep_every_promise() {
    let (begin, minutes) = (Instant::now(), minutes());
    let first = setting("HISTORIES_SEED").unwrap_or_else(|| fastrand::u64(..u64::from(u32::MAX)));
    let mut poor = Vec::new();
    for seed in first.. {
        println!("seed {seed}");
        let nodes = Nodes::several().await;
        let short = if nodes.has_cluster() { ON_POSTGRES } else { ON_SQLITE };
        let length = minutes.map_or(short, |_| LONG);
        let settled = if minutes.is_some() { SETTLED } else { SETTLED_IN_CI };
        let plan = Plan { seed, length, settled, has_faults: true, lie: None, damage: None };
        let recorded = run(&nodes, plan).await;
        if let Err(what) = judge(seed, &recorded, &nodes) {
            poor.push(what);
            assert!(poor.len() <= POOR, "too little was judged, again and again: {poor:#?}");
            continue;
        }
        poor.clear();
        if minutes.is_none_or(|minutes| begin.elapsed() >= minutes) {
            return;
        }
    }
}

/// Checks a history. Fails if too little was judged.
///
/// # Panics
///
/// If a promise is broken, after the history was written to a file.
fn judge(seed: u64, recorded: &Recorded, nodes: &Nodes) -> Result<(), String> {
    let report = check(&recorded.history, &limits());
    println!("seed {seed}: {:?}", report.counts);
    let internal: Vec<_> = recorded.history.iter().filter(|operation| operation.is_refused(500)).collect();
    if !report.is_right() || !recorded.audit.is_empty() || !internal.is_empty() {
        let directory = tempfile::tempdir().unwrap().keep();
        let file = directory.join("history.jsonl");
        history::write(&file, &recorded.history).unwrap();
        let logs = nodes.logs();
        fs::write(directory.join("log"), &logs).unwrap();
        let faults = recorded.history.iter().filter(|operation| matches!(operation.request, Request::Fault { .. }));
        let faults: Vec<_> = faults.map(|fault| format!("{fault:?}")).collect();
        let (audit, file) = (&recorded.audit, file.display());
        panic!(
            "seed {seed}: {report}internal errors: {internal:#?}\naudit: {audit:#?}\nfaults: {faults:#?}\n\
             from the logs: {:#?}\nthe history: {file}\nto check it again: cargo xtask histories --replay {file}",
            remarkable(&logs)
        );
    }
    let counts = report.counts;
    let judged = [
        counts.tasks,
        counts.revocations,
        counts.removals,
        counts.statistics,
        counts.feed_pages,
        counts.followers,
        counts.notified,
        counts.streamed,
    ];
    if judged.contains(&0) || report.undecided.len() * ONE_OF > counts.tasks {
        return Err(format!("seed {seed}: {counts:?}, undecided: {:?}", report.undecided));
    }
    Ok(())
}

/// The last lines of logs that say what went wrong.
fn remarkable(logs: &str) -> Vec<&str> {
    let is_remarkable = |line: &&str| ["ERROR", "WARN", "panicked"].iter().any(|word| line.contains(word));
    let lines: Vec<_> = logs.lines().filter(is_remarkable).collect();
    lines[lines.len().saturating_sub(LINES)..].to_vec()
}
