//! What one load gave, and the medians of the rounds.

use super::work::Work;
use crate::bench::{
    figures::{median, rounded},
    subject::Database,
};
use serde::{Deserialize, Serialize};

/// A load, and what it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Setting {
    pub(super) work: Work,
    pub(super) database: Database,
    pub(super) nodes: usize,
    /// Spread over the nodes.
    pub(super) connections: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Reading {
    /// Those that succeeded.
    pub(super) requests_per_second: f64,
    /// Those that were answered by 503.
    pub(super) refused_per_second: f64,
    pub(super) p99_milliseconds: f64,
    /// Of all nodes, on average until the last consequence.
    pub(super) node_cores: f64,
    pub(super) database_cores: f64,
    /// For each request that succeeded, until no event waited. Mails that still wait then are not in it.
    pub(super) node_cpu_microseconds: f64,
    pub(super) database_cpu_microseconds: f64,
    /// Those that were dispatched, until the last one was.
    pub(super) events_per_second: f64,
    /// At the end of the load.
    pub(super) waiting_events: f64,
    /// From the end of the load until no event waited.
    pub(super) catch_up_seconds: f64,
    /// Mails, mostly, when no event waited.
    pub(super) waiting_jobs: f64,
    /// Changes that shared a commit on SQLite; 0 on PostgreSQL.
    pub(super) units_per_commit: f64,
    /// The part of the time in which SQLite's writer worked; 0 on PostgreSQL.
    pub(super) writer_busy: f64,
}

impl Reading {
    pub(super) fn median(rounds: &[Self]) -> Self {
        let median = |digits, value: fn(&Self) -> f64| {
            rounded(median(rounds.iter().map(value).collect()).unwrap_or_default(), digits)
        };
        Self {
            requests_per_second: median(1, |it| it.requests_per_second),
            refused_per_second: median(1, |it| it.refused_per_second),
            p99_milliseconds: median(2, |it| it.p99_milliseconds),
            node_cores: median(2, |it| it.node_cores),
            database_cores: median(2, |it| it.database_cores),
            node_cpu_microseconds: median(1, |it| it.node_cpu_microseconds),
            database_cpu_microseconds: median(1, |it| it.database_cpu_microseconds),
            events_per_second: median(1, |it| it.events_per_second),
            waiting_events: median(0, |it| it.waiting_events),
            catch_up_seconds: median(2, |it| it.catch_up_seconds),
            waiting_jobs: median(0, |it| it.waiting_jobs),
            units_per_commit: median(1, |it| it.units_per_commit),
            writer_busy: median(2, |it| it.writer_busy),
        }
    }
}

/// Messages on web sockets of one node about changes on another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Delivery {
    /// As many as changes that were to be made in a second.
    pub(super) offered_per_second: u32,
    pub(super) messages_per_second: f64,
    /// From the response to a change to the message about it.
    pub(super) p50_milliseconds: f64,
    pub(super) p99_milliseconds: f64,
}

impl Delivery {
    pub(super) fn median(offered_per_second: u32, rounds: &[Self]) -> Self {
        let median =
            |value: fn(&Self) -> f64| rounded(median(rounds.iter().map(value).collect()).unwrap_or_default(), 1);
        Self {
            offered_per_second,
            messages_per_second: median(|it| it.messages_per_second),
            p50_milliseconds: median(|it| it.p50_milliseconds),
            p99_milliseconds: median(|it| it.p99_milliseconds),
        }
    }

    /// Whether nearly all that was offered arrived in time, and soon.
    pub(super) fn keeps_up(&self) -> bool {
        self.messages_per_second >= 0.9 * f64::from(self.offered_per_second) && self.p99_milliseconds <= 1000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_medians_of_the_rounds() {
        let rounds = [3.0, 1.0, 2.0].map(|rate| Reading { requests_per_second: rate, ..Reading::default() });
        assert_eq!(Reading::median(&rounds), Reading { requests_per_second: 2.0, ..Reading::default() });
        let rounds = [10.0, 20.0].map(|messages| Delivery { messages_per_second: messages, ..Delivery::default() });
        let expected = Delivery { offered_per_second: 50, messages_per_second: 15.0, ..Delivery::default() };
        assert_eq!(Delivery::median(50, &rounds), expected);
    }

    #[test]
    fn messages_keep_up_while_few_are_late() {
        let delivery = |messages_per_second, p99_milliseconds| Delivery {
            offered_per_second: 100,
            messages_per_second,
            p50_milliseconds: 1.0,
            p99_milliseconds,
        };
        assert!(delivery(95.0, 900.0).keeps_up());
        assert!(!delivery(85.0, 900.0).keeps_up());
        assert!(!delivery(100.0, 1100.0).keeps_up());
    }
}
