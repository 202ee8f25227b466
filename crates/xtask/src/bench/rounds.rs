//! Runs cases in alternating rounds: what is compared is measured one after the other.

use super::{
    pause::pause,
    servers::{PROJECTS, Server, Servers, USERS},
    subject::{Case, Database, Load, Subject},
};
use crate::outcome::Outcome;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    process::{Child, Command, Stdio},
    thread::available_parallelism,
    time::{Duration, Instant},
};

/// Of the first round, which isn't counted: caches and connections are made.
const WARM_UP: f64 = 1.0;

/// The longest to wait for the consequences of all events.
const CATCH_UP: Duration = Duration::from_mins(2);

/// What is run, and for how long.
pub(super) struct Plan<'a> {
    pub(super) cases: &'a [Case],
    pub(super) databases: &'a [Database],
    pub(super) large: bool,
    pub(super) rounds: usize,
    /// Of each load.
    pub(super) seconds: f64,
}

/// A case on a subject in one round.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sample {
    pub(super) requests_per_second: f64,
    pub(super) p50_microseconds: f64,
    pub(super) p99_microseconds: f64,
    pub(super) p999_microseconds: f64,
    /// For each request, its consequences included.
    pub(super) server_cpu_microseconds: f64,
    pub(super) database_cpu_microseconds: f64,
    /// At the end of the load, in bytes.
    pub(super) memory: u64,
    /// At the end of the load.
    pub(super) undispatched_events: u64,
    /// From the end of the load until there was none.
    pub(super) catch_up_seconds: f64,
}

/// The rounds of each case on each subject.
pub(super) type Samples = BTreeMap<(Case, Subject), Vec<Sample>>;

/// The output of the load generator.
#[derive(Debug, Deserialize)]
struct LoadReport {
    requests: u64,
    seconds: f64,
    #[serde(default)]
    statuses: BTreeMap<u16, u64>,
    #[serde(default)]
    p50_microseconds: u32,
    #[serde(default)]
    p99_microseconds: u32,
    #[serde(default)]
    p999_microseconds: u32,
}

impl Plan<'_> {
    /// Runs all rounds. Fails at a response that is no success.
    pub(super) fn run(&self, servers: &Servers) -> Outcome<Samples> {
        let mut samples = Samples::new();
        for round in 0..=self.rounds {
            for case in self.cases.iter().copied().filter(|case| !case.accompanies_login()) {
                let mut subjects = case.subjects(self.databases, self.large);
                if round % 2 == 1 {
                    subjects.reverse();
                }
                for subject in subjects {
                    let seconds = if round == 0 { WARM_UP } else { self.seconds };
                    for (case, sample) in measure(servers, case, subject, seconds)? {
                        eprintln!(
                            "round {round} of {}: {case:?} {subject:?} {:.0}/s",
                            self.rounds, sample.requests_per_second
                        );
                        if round > 0 {
                            samples.entry((case, subject)).or_default().push(sample);
                        }
                    }
                }
            }
        }
        Ok(samples)
    }
}

fn measure(servers: &Servers, case: Case, subject: Subject, seconds: f64) -> Outcome<Vec<(Case, Sample)>> {
    let Some(load) = case.load() else {
        let mut command = Command::new(&servers.programs.load);
        command.args(["hash", "--threads", &available_parallelism()?.to_string(), "--seconds", &seconds.to_string()]);
        return Ok(vec![(case, finish(start(&mut command)?)?.sample())]);
    };
    let server = servers.get(subject)?;
    let (server_before, database_before) = servers.cpu(subject)?;
    let companion = match Case::StormRead.load().filter(|_| case == Case::Login) {
        Some(load) => Some(start(&mut generator(servers, server, subject, load, seconds))?),
        None => None,
    };
    let report = finish(start(&mut generator(servers, server, subject, load, seconds))?)?;
    let mut sample = report.sample();
    sample.memory = server.process.memory()?;
    if case.writes() && !matches!(subject, Subject::Floor | Subject::PeerSqlite | Subject::PeerPostgres) {
        (sample.undispatched_events, sample.catch_up_seconds) = catch_up(servers, subject)?;
    }
    let companion = companion.map(finish).transpose()?;
    let (server_after, database_after) = servers.cpu(subject)?;
    sample.server_cpu_microseconds = per_request(server_after.saturating_sub(server_before), report.requests);
    sample.database_cpu_microseconds = per_request(database_after.saturating_sub(database_before), report.requests);
    let companion = companion.map(|report| (Case::StormRead, report.sample()));
    Ok([(case, sample)].into_iter().chain(companion).collect())
}

/// How many events were left, and how many seconds it took until there was none.
fn catch_up(servers: &Servers, subject: Subject) -> Outcome<(u64, f64)> {
    let start = Instant::now();
    let left = servers.undispatched(subject)?;
    let mut now_left = left;
    while now_left > 0 {
        if start.elapsed() > CATCH_UP {
            return Err(format!("{subject:?} has {now_left} undispatched events after {CATCH_UP:?}").into());
        }
        pause(Duration::from_millis(20));
        now_left = servers.undispatched(subject)?;
    }
    Ok((left, start.elapsed().as_secs_f64()))
}

fn generator(servers: &Servers, server: &Server, subject: Subject, load: Load, seconds: f64) -> Command {
    let operation = if subject == Subject::Floor { "constant" } else { load.operation };
    let mut command = Command::new(&servers.programs.load);
    command.arg("http").arg("--tokens").arg(&server.tokens).args(["--address", &server.process.address]);
    for (option, value) in [
        ("--operation", operation.to_owned()),
        ("--connections", load.connections.to_string()),
        ("--seconds", seconds.to_string()),
        ("--users", USERS.to_string()),
        ("--projects", PROJECTS.to_string()),
        ("--tasks", server.tasks.to_string()),
    ] {
        command.args([option, &value]);
    }
    if let Some(rate) = load.rate {
        command.args(["--rate", &rate.to_string()]);
    }
    command
}

fn start(command: &mut Command) -> Outcome<Child> {
    Ok(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?)
}

fn finish(load: Child) -> Outcome<LoadReport> {
    let output = load.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("the load generator failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let report: LoadReport = serde_json::from_slice(&output.stdout)?;
    if report.statuses.keys().any(|status| !(200..300).contains(status)) {
        return Err(format!("responses that are no success: {:?}", report.statuses).into());
    }
    Ok(report)
}

impl LoadReport {
    fn sample(&self) -> Sample {
        Sample {
            requests_per_second: number(self.requests) / self.seconds,
            p50_microseconds: f64::from(self.p50_microseconds),
            p99_microseconds: f64::from(self.p99_microseconds),
            p999_microseconds: f64::from(self.p999_microseconds),
            ..Sample::default()
        }
    }
}

fn per_request(time: Duration, requests: u64) -> f64 {
    time.as_secs_f64() * 1e6 / number(requests).max(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "a count of requests has fewer than 52 bits")]
fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_of_the_load_generator_becomes_a_sample() {
        let report: LoadReport = serde_json::from_str(
            r#"{"requests": 900, "seconds": 2.0, "statuses": {"201": 900}, "p50_microseconds": 1200,
                "p99_microseconds": 9000, "p999_microseconds": 20000}"#,
        )
        .unwrap();
        let sample = report.sample();
        assert_eq!((sample.requests_per_second, sample.p99_microseconds), (450.0, 9000.0));
        assert!((per_request(Duration::from_millis(90), report.requests) - 100.0).abs() < 1e-6);
    }

    #[test]
    fn hashing_has_neither_statuses_nor_latencies() {
        let report: LoadReport = serde_json::from_str(r#"{"requests": 9, "seconds": 1.5}"#).unwrap();
        assert_eq!(report.sample(), Sample { requests_per_second: 6.0, ..Sample::default() });
    }
}
