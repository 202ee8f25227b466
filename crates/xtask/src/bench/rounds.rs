//! Runs cases in alternating rounds: what is compared is measured one after the other.

use super::{
    case::Case,
    load::{self, Length, number},
    pause::pause,
    sample::{Sample, Samples},
    servers::Servers,
    subject::{Database, Subject},
};
use crate::outcome::Outcome;
use std::{
    process::Command,
    thread::available_parallelism,
    time::{Duration, Instant},
};

/// Of the first round, which isn't counted: caches, connections and sessions are made.
pub(super) const WARM_UP: f64 = 1.0;

/// The longest to wait for the consequences of all events.
const CATCH_UP: Duration = Duration::from_mins(2);

/// What is run, and for how long.
pub(super) struct Plan<'a> {
    pub(super) cases: &'a [Case],
    pub(super) databases: &'a [Database],
    pub(super) large: bool,
    pub(super) rounds: usize,
    /// Of a load whose [`Case::length`] is 1.
    pub(super) seconds: f64,
    /// The connections that receive notifications.
    pub(super) followers: usize,
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
                    let seconds = if round == 0 { WARM_UP } else { self.seconds * case.length() };
                    for (case, sample) in self.measure(servers, case, subject, seconds)? {
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

    fn measure(&self, servers: &Servers, case: Case, subject: Subject, seconds: f64) -> Outcome<Vec<(Case, Sample)>> {
        let Some(load) = case.load() else {
            let mut command = Command::new(&servers.programs.load);
            let threads = available_parallelism()?.to_string();
            command.args(["hash", "--threads", &threads, "--seconds", &seconds.to_string()]);
            return Ok(vec![(case, load::report(load::start(&mut command)?)?.sample())]);
        };
        let length = Length::Seconds(seconds);
        let start = |load| load::start(&mut load::generator(servers, subject, load, self.followers, length)?);
        let (server_before, database_before) = servers.cpu(subject)?;
        let companion = Case::StormRead.load().filter(|_| case == Case::Login);
        let companion = companion.map(|load| start(load).map(|running| (load, running))).transpose()?;
        let report = load::finish(start(load)?, subject, load)?;
        let mut sample = report.sample();
        sample.memory = servers.get(subject)?.process.memory()?;
        if case.writes() && !matches!(subject, Subject::Floor | Subject::PeerSqlite | Subject::PeerPostgres) {
            (sample.undispatched_events, sample.catch_up_seconds) = catch_up(servers, subject)?;
        }
        let companion = companion.map(|(load, running)| load::finish(running, subject, load)).transpose()?;
        let (server_after, database_after) = servers.cpu(subject)?;
        sample.server_cpu_microseconds = per_request(server_after.saturating_sub(server_before), report.requests);
        sample.database_cpu_microseconds = per_request(database_after.saturating_sub(database_before), report.requests);
        let companion = companion.map(|report| (Case::StormRead, report.sample()));
        Ok([(case, sample)].into_iter().chain(companion).collect())
    }
}

/// How many events were left, and how many seconds it took until there was none.
pub(super) fn catch_up(servers: &Servers, subject: Subject) -> Outcome<(u64, f64)> {
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

fn per_request(time: Duration, requests: u64) -> f64 {
    time.as_secs_f64() * 1e6 / number(requests).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_shared_by_the_requests() {
        assert!((per_request(Duration::from_millis(90), 900) - 100.0).abs() < 1e-6);
        assert!(per_request(Duration::from_millis(90), 0).is_finite());
    }
}
