//! What nodes count, from their metrics.

use crate::{bench::http, outcome::Outcome};
use std::ops::{Add, Sub};

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Counts {
    /// Events that were dispatched.
    pub(super) events: f64,
    /// Of SQLite's writer: commits, the changes in them, and the seconds that they took.
    pub(super) commits: f64,
    pub(super) units: f64,
    pub(super) commit_seconds: f64,
}

impl Counts {
    /// Reads those of a node, by the address of its metrics.
    pub(super) fn read(address: &str) -> Outcome<Self> {
        Ok(Self::parse(&String::from_utf8(http::get(address, "/metrics")?)?))
    }

    fn parse(text: &str) -> Self {
        // What a node doesn't have, it doesn't count.
        let value = |name: &str| {
            let value: Option<f64> =
                text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
            value.unwrap_or_default()
        };
        Self {
            events: value("fasttrack_outbox_dispatched_events_total"),
            commits: value("fasttrack_sqlite_commit_units_count"),
            units: value("fasttrack_sqlite_commit_units_sum"),
            commit_seconds: value("fasttrack_sqlite_commit_duration_seconds_sum"),
        }
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            events: self.events + other.events,
            commits: self.commits + other.commits,
            units: self.units + other.units,
            commit_seconds: self.commit_seconds + other.commit_seconds,
        }
    }
}

impl Sub for Counts {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            events: self.events - before.events,
            commits: self.commits - before.commits,
            units: self.units - before.units,
            commit_seconds: self.commit_seconds - before.commit_seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_found_by_their_whole_name() {
        let text = "# TYPE fasttrack_sqlite_commit_units histogram\n\
            fasttrack_sqlite_commit_units_bucket{le=\"1\"} 3\n\
            fasttrack_sqlite_commit_units_sum 40\nfasttrack_sqlite_commit_units_count 5\n\
            fasttrack_sqlite_commit_duration_seconds_sum 0.25\n\n\
            fasttrack_outbox_dispatched_events_total 12\n";
        let counts = Counts { events: 12.0, commits: 5.0, units: 40.0, commit_seconds: 0.25 };
        assert_eq!(Counts::parse(text), counts);
        assert_eq!(Counts::parse(""), Counts::default());
        assert_eq!(counts + counts - counts, counts);
    }
}
