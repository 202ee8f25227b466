//! The results of a run, as `docs/performance.json` has them.

use super::{
    binary::Binary,
    case::Case,
    machine::Machine,
    sample::{Sample, Samples},
    subject::{Database, Subject},
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Figures {
    pub(super) machine: Machine,
    pub(super) run: Run,
    pub(super) binary: Binary,
    pub(super) servers: Vec<ServerFigures>,
    pub(super) measurements: Vec<Measurement>,
}

/// How it was measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) rounds: usize,
    pub(super) seconds: f64,
    pub(super) workers: usize,
    pub(super) users: u64,
    pub(super) projects: u64,
    pub(super) tasks: u64,
    /// The tasks of the larger database, if there was one.
    pub(super) large: Option<u64>,
    /// The connections that received notifications, if there were some.
    #[serde(default)]
    pub(super) followers: Option<usize>,
}

/// The product on a database.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ServerFigures {
    pub(super) subject: Subject,
    /// From the start of the program to its first connection, on the database that the load left behind.
    pub(super) start_up_milliseconds: f64,
    /// A second after that.
    pub(super) idle_memory_bytes: u64,
    /// The most at the end of any load on 64 connections.
    pub(super) loaded_memory_bytes: u64,
}

/// A case on a subject: medians over the rounds.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Measurement {
    pub(super) case: Case,
    pub(super) subject: Subject,
    pub(super) requests_per_second: f64,
    /// The median of the rounds' ratios to the floor.
    pub(super) of_floor: Option<f64>,
    /// Likewise to the peer on the same database.
    pub(super) of_peer: Option<f64>,
    pub(super) p50_milliseconds: f64,
    pub(super) p99_milliseconds: f64,
    pub(super) p999_milliseconds: f64,
    pub(super) server_cpu_microseconds: f64,
    pub(super) database_cpu_microseconds: f64,
    pub(super) undispatched_events: f64,
    pub(super) catch_up_seconds: f64,
    /// Requests a second of each round.
    pub(super) rounds: Vec<f64>,
}

impl Measurement {
    /// Summarizes all samples.
    pub(super) fn all(samples: &Samples) -> Vec<Self> {
        let mut measurements: Vec<_> =
            samples.iter().map(|((case, subject), rounds)| Self::of(*case, *subject, rounds)).collect();
        let compare = |case, subject, with| ratio(samples.get(&(case, subject))?, samples.get(&(case, with))?);
        for measurement in &mut measurements {
            let Self { case, subject, .. } = *measurement;
            let peer = Database::ALL.into_iter().find(|database| database.product() == subject).map(Database::peer);
            measurement.of_floor = compare(case, subject, Subject::Floor).filter(|_| subject != Subject::Floor);
            measurement.of_peer = peer.and_then(|peer| compare(case, subject, peer));
        }
        measurements
    }

    fn of(case: Case, subject: Subject, rounds: &[Sample]) -> Self {
        let median = |figure: fn(&Sample) -> f64| median(rounds.iter().map(figure).collect()).unwrap_or_default();
        Self {
            case,
            subject,
            requests_per_second: rounded(median(|sample| sample.requests_per_second), 1),
            of_floor: None,
            of_peer: None,
            p50_milliseconds: rounded(median(|sample| sample.p50_microseconds) / 1000.0, 3),
            p99_milliseconds: rounded(median(|sample| sample.p99_microseconds) / 1000.0, 3),
            p999_milliseconds: rounded(median(|sample| sample.p999_microseconds) / 1000.0, 3),
            server_cpu_microseconds: rounded(median(|sample| sample.server_cpu_microseconds), 1),
            database_cpu_microseconds: rounded(median(|sample| sample.database_cpu_microseconds), 1),
            undispatched_events: median(|sample| {
                f64::from(u32::try_from(sample.undispatched_events).unwrap_or(u32::MAX))
            }),
            catch_up_seconds: rounded(median(|sample| sample.catch_up_seconds), 2),
            rounds: rounds.iter().map(|sample| rounded(sample.requests_per_second, 1)).collect(),
        }
    }

    /// Of the server and the database.
    pub(super) fn cpu_microseconds(&self) -> f64 {
        self.server_cpu_microseconds + self.database_cpu_microseconds
    }
}

impl Figures {
    pub(super) fn find(&self, case: Case, subject: Subject) -> Option<&Measurement> {
        self.measurements.iter().find(|measurement| measurement.case == case && measurement.subject == subject)
    }

    pub(super) fn server(&self, subject: Subject) -> Option<&ServerFigures> {
        self.servers.iter().find(|server| server.subject == subject)
    }

    /// The median of the rounds' ratios of requests a second.
    pub(super) fn ratio(&self, of: (Case, Subject), to: (Case, Subject)) -> Option<f64> {
        let (of, to) = (self.find(of.0, of.1)?, self.find(to.0, to.1)?);
        median(of.rounds.iter().zip(&to.rounds).map(|(of, to)| of / to).collect())
    }
}

/// The median of the rounds' ratios: what is compared ran within seconds, so that a change of the machine's speed
/// concerns both.
fn ratio(of: &[Sample], to: &[Sample]) -> Option<f64> {
    let ratios = of.iter().zip(to).map(|(of, to)| of.requests_per_second / to.requests_per_second);
    median(ratios.collect()).map(|ratio| rounded(ratio, 3))
}

/// The value in the middle, or the mean of the two there.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    Some(if values.len() % 2 == 1 { upper } else { f64::midpoint(values[middle - 1], upper) })
}

pub(super) fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(rates: &[f64]) -> Vec<Sample> {
        rates.iter().map(|rate| Sample { requests_per_second: *rate, ..Sample::default() }).collect()
    }

    #[test]
    fn median_is_in_the_middle() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 9.0]), Some(3.0));
        assert_eq!(median(vec![]), None);
    }

    #[test]
    fn rounds_are_compared_one_by_one() {
        // The machine was twice as fast in the second round.
        let samples = Samples::from([
            ((Case::Read, Subject::Floor), samples(&[100.0, 200.0, 100.0])),
            ((Case::Read, Subject::ProductSqlite), samples(&[50.0, 100.0, 60.0])),
            ((Case::Read, Subject::PeerSqlite), samples(&[10.0, 20.0, 10.0])),
            ((Case::Read, Subject::PeerPostgres), samples(&[1.0, 1.0, 1.0])),
        ]);
        let measurements = Measurement::all(&samples);
        let ratios = |subject| {
            let found = measurements.iter().find(|measurement| measurement.subject == subject).unwrap();
            (found.of_floor, found.of_peer)
        };
        assert_eq!(ratios(Subject::ProductSqlite), (Some(0.5), Some(5.0)));
        assert_eq!(ratios(Subject::PeerSqlite), (Some(0.1), None));
        assert_eq!(ratios(Subject::Floor), (None, None));
    }
}
