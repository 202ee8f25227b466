//! Runs of the load generator.

use super::{
    case::Load,
    sample::Sample,
    servers::{PROJECTS, Server, Servers, USERS},
    subject::Subject,
};
use crate::outcome::Outcome;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    process::{Child, Command, Stdio},
};

/// Starts the load generator with as many open files as it may have: by default there are fewer than some cases take.
const WITH_FILES: &str = r#"ulimit -n "$(ulimit -H -n)" 2>/dev/null || :; exec "$@""#;

/// How long a load is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Length {
    Seconds(f64),
    /// Of all connections.
    Requests(u64),
}

/// The output of the load generator.
#[derive(Debug, Deserialize)]
pub(super) struct LoadReport {
    /// Responses, or messages where these are followed.
    pub(super) requests: u64,
    pub(super) seconds: f64,
    #[serde(default)]
    statuses: BTreeMap<u16, u64>,
    #[serde(default)]
    p50_microseconds: u32,
    #[serde(default)]
    p99_microseconds: u32,
    #[serde(default)]
    p999_microseconds: u32,
}

/// The load generator for a server. `followers` counts where notifications are received.
pub(super) fn generator(
    servers: &Servers,
    subject: Subject,
    load: Load,
    followers: usize,
    length: Length,
) -> Outcome<Command> {
    let server = servers.get(subject)?;
    let mut command = Command::new("sh");
    command.args(["-c", WITH_FILES, "load"]).arg(&servers.programs.load).arg("http");
    command.arg("--tokens").arg(&server.tokens).arg("--sessions").arg(&server.sessions);
    command.args(options(subject, load, followers, length, server));
    Ok(command)
}

fn options(subject: Subject, load: Load, followers: usize, length: Length, server: &Server) -> Vec<String> {
    let mut options = vec![
        ("--address", server.process.address.clone()),
        ("--operation", operation(subject, load).to_owned()),
        ("--connections", load.connections.to_string()),
        ("--users", USERS.to_string()),
        ("--projects", PROJECTS.to_string()),
        ("--tasks", server.tasks.to_string()),
        match length {
            Length::Seconds(seconds) => ("--seconds", seconds.to_string()),
            Length::Requests(requests) => ("--requests", requests.to_string()),
        },
    ];
    if let Some(rate) = load.rate {
        options.push(("--rate", rate.to_string()));
    }
    if let Some(transport) = load.follow {
        options.extend([("--follow", transport.to_owned()), ("--followers", followers.to_string())]);
    }
    options.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
}

/// What is requested: the floor has a constant response.
fn operation(subject: Subject, load: Load) -> &'static str {
    if subject == Subject::Floor { "constant" } else { load.operation }
}

pub(super) fn start(command: &mut Command) -> Outcome<Child> {
    Ok(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?)
}

/// Waits for the end. Fails at a response that is another than what the load is to get.
pub(super) fn finish(generator: Child, subject: Subject, load: Load) -> Outcome<LoadReport> {
    let report = report(generator)?;
    report.check(operation(subject, load))?;
    Ok(report)
}

/// Waits for the end, and reads the output.
pub(super) fn report(generator: Child) -> Outcome<LoadReport> {
    let output = generator.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("the load generator failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

impl LoadReport {
    fn check(&self, operation: &str) -> Outcome {
        let statuses = if operation == "not-modified" { 304..305 } else { 200..300 };
        if self.statuses.keys().all(|status| statuses.contains(status)) {
            return Ok(());
        }
        Err(format!("responses other than the expected: {:?}", self.statuses).into())
    }

    /// How many responses were successes, and how many refused the request as there was no room for it. Fails at any
    /// other.
    pub(super) fn served_and_refused(&self) -> Outcome<(u64, u64)> {
        let (mut served, mut refused) = (0, 0);
        for (status, count) in &self.statuses {
            match *status {
                200..300 => served += count,
                503 => refused += count,
                _ => return Err(format!("responses other than the expected: {:?}", self.statuses).into()),
            }
        }
        Ok((served, refused))
    }

    pub(super) fn sample(&self) -> Sample {
        Sample {
            requests_per_second: number(self.requests) / self.seconds,
            p50_microseconds: f64::from(self.p50_microseconds),
            p99_microseconds: f64::from(self.p99_microseconds),
            p999_microseconds: f64::from(self.p999_microseconds),
            ..Sample::default()
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of requests has fewer than 52 bits")]
pub(super) fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_statuses(statuses: &str) -> LoadReport {
        serde_json::from_str(&format!(
            r#"{{"requests": 900, "seconds": 2.0, "statuses": {statuses}, "p50_microseconds": 1200,
                "p99_microseconds": 9000, "p999_microseconds": 20000}}"#
        ))
        .unwrap()
    }

    #[test]
    fn output_of_the_load_generator_becomes_a_sample() {
        let sample = with_statuses(r#"{"201": 900}"#).sample();
        assert_eq!((sample.requests_per_second, sample.p99_microseconds), (450.0, 9000.0));
    }

    #[test]
    fn hashing_has_neither_statuses_nor_latencies() {
        let report: LoadReport = serde_json::from_str(r#"{"requests": 9, "seconds": 1.5}"#).unwrap();
        assert_eq!(report.sample(), Sample { requests_per_second: 6.0, ..Sample::default() });
    }

    #[test]
    fn run_fails_at_an_unexpected_response() {
        assert!(with_statuses(r#"{"200": 800, "201": 100}"#).check("mix").is_ok());
        assert!(with_statuses(r#"{"200": 899, "503": 1}"#).check("mix").is_err());
        assert!(with_statuses(r#"{"304": 900}"#).check("not-modified").is_ok());
        assert!(with_statuses(r#"{"200": 1, "304": 899}"#).check("not-modified").is_err());
        assert!(with_statuses(r#"{"304": 900}"#).check("read").is_err());
    }

    #[test]
    fn refusals_are_counted_apart() {
        let report = with_statuses(r#"{"200": 700, "201": 100, "503": 100}"#);
        assert_eq!(report.served_and_refused().unwrap(), (800, 100));
        assert!(with_statuses(r#"{"200": 899, "409": 1}"#).served_and_refused().is_err());
    }

    #[test]
    fn generator_gets_the_open_files_and_its_arguments() {
        let output = Command::new("sh").args(["-c", WITH_FILES, "load", "echo", "a b", "c"]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "a b c\n");
    }
}
