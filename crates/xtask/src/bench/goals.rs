//! What is to be reached, held against what was measured.

use super::{
    case::Case,
    figures::Figures,
    subject::{Database, Subject},
};

/// A goal with its result.
#[derive(Debug)]
pub(super) struct Goal {
    pub(super) what: String,
    bound: Bound,
    unit: Unit,
    /// `None` if the run didn't measure it.
    measured: Option<f64>,
}

#[derive(Clone, Copy, Debug)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

use Bound::{AtLeast, AtMost};

#[derive(Clone, Copy, Debug)]
enum Unit {
    /// A part of something.
    Share,
    Times,
    Milliseconds,
    Seconds,
    /// Of 1,000,000 bytes.
    Megabytes,
}

impl Unit {
    fn format(self, value: f64) -> String {
        match self {
            Self::Share => format!("{value:.2}"),
            Self::Times => format!("{value:.1}×"),
            Self::Milliseconds => format!("{value:.1} ms"),
            Self::Seconds => format!("{value:.1} s"),
            Self::Megabytes => format!("{value:.0} MB"),
        }
    }
}

impl Goal {
    pub(super) fn bound(&self) -> String {
        match self.bound {
            AtLeast(value) => format!("≥ {}", self.unit.format(value)),
            AtMost(value) => format!("≤ {}", self.unit.format(value)),
        }
    }

    pub(super) fn measured(&self) -> String {
        self.measured.map_or_else(|| "not measured".to_owned(), |value| self.unit.format(value))
    }

    /// `None` if it wasn't measured.
    pub(super) fn is_met(&self) -> Option<bool> {
        self.measured.map(|measured| match self.bound {
            AtLeast(bound) => measured >= bound,
            AtMost(bound) => measured <= bound,
        })
    }
}

/// The least share of the floor, and of the peer, in requests a second.
const RATIOS: [(Case, Database, f64, Option<f64>); 10] = [
    (Case::Read, Database::Sqlite, 0.50, Some(3.5)),
    (Case::List, Database::Sqlite, 0.15, Some(4.0)),
    (Case::Create, Database::Sqlite, 0.18, Some(10.0)),
    (Case::Status, Database::Sqlite, 0.20, Some(12.0)),
    (Case::Comment, Database::Sqlite, 0.18, None),
    (Case::Read, Database::Postgres, 0.25, Some(2.5)),
    (Case::List, Database::Postgres, 0.08, Some(1.6)),
    (Case::Create, Database::Postgres, 0.07, Some(1.3)),
    (Case::Status, Database::Postgres, 0.08, Some(1.4)),
    (Case::Comment, Database::Postgres, 0.07, None),
];

/// All goals, in the order of the table.
pub(super) fn all(figures: &Figures) -> Vec<Goal> {
    let mut goals = Vec::new();
    for (case, database, floor, peer) in RATIOS {
        let measurement = figures.find(case, database.product());
        let mut add = |against: &str, bound, unit, measured| {
            let what = format!("{} on {}, {against}", case.name(), database.name());
            goals.push(Goal { what, bound: AtLeast(bound), unit, measured });
        };
        add("of the floor", floor, Unit::Share, measurement.and_then(|it| it.of_floor));
        if let Some(peer) = peer {
            add("of axum + sqlx", peer, Unit::Times, measurement.and_then(|it| it.of_peer));
        }
    }
    for database in Database::ALL {
        goals.extend(of_database(figures, database));
    }
    goals.push(Goal {
        what: "the executable, stripped".to_owned(),
        bound: AtMost(28.0),
        unit: Unit::Megabytes,
        measured: figures.binary.stripped_bytes.map(megabytes),
    });
    goals
}

fn of_database(figures: &Figures, database: Database) -> Vec<Goal> {
    let product = database.product();
    let p99 = |case| figures.find(case, product).map(|it| it.p99_milliseconds);
    let server = figures.server(product);
    let lag = |case| figures.find(case, product).map(|it| it.catch_up_seconds);
    let lags = [Case::Create, Case::Status, Case::Comment].into_iter().map(lag).collect::<Option<Vec<_>>>();
    let goal = |what: &str, bound, unit, measured| Goal {
        what: format!("{what}, {}", database.name()),
        bound,
        unit,
        measured,
    };
    vec![
        goal(
            "logins, of what bcrypt allows on all cores",
            AtLeast(0.95),
            Unit::Share,
            figures.ratio((Case::Login, product), (Case::Hash, Subject::Machine)),
        ),
        goal(
            "p99 of a read during logins, to that without",
            AtMost(3.0),
            Unit::Times,
            p99(Case::StormRead).zip(p99(Case::CalmRead)).map(|(storm, calm)| storm / calm),
        ),
        goal(
            "a read among 100 times as many tasks, in time",
            AtMost(1.3),
            Unit::Times,
            figures.ratio((Case::Read, product), (Case::Read, database.large())),
        ),
        goal(
            "a page at any depth, likewise",
            AtMost(1.5),
            Unit::Times,
            figures.ratio((Case::Page, product), (Case::Page, database.large())),
        ),
        goal(
            "reads on 1,000 connections, of those on 64",
            AtLeast(0.85),
            Unit::Share,
            figures.ratio((Case::Crowd, product), (Case::Read, product)),
        ),
        goal("p99 of 100 users at once, one request in ten a create", AtMost(10.0), Unit::Milliseconds, p99(Case::Mix)),
        goal(
            "from the end of a load to the consequences of its last event",
            AtMost(1.0),
            Unit::Seconds,
            lags.map(|lags| lags.into_iter().fold(0.0, f64::max)),
        ),
        goal("memory, idle", AtMost(28.0), Unit::Megabytes, server.map(|it| megabytes(it.idle_memory_bytes))),
        goal("memory, under load", AtMost(80.0), Unit::Megabytes, server.map(|it| megabytes(it.loaded_memory_bytes))),
        goal(
            "from the start to listening",
            AtMost(100.0),
            Unit::Milliseconds,
            server.map(|it| it.start_up_milliseconds),
        ),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "it is rounded when it is printed")]
pub(super) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goal(bound: Bound, measured: Option<f64>) -> Goal {
        Goal { what: String::new(), bound, unit: Unit::Share, measured }
    }

    #[test]
    fn bound_itself_is_met() {
        assert_eq!(goal(AtLeast(0.5), Some(0.5)).is_met(), Some(true));
        assert_eq!(goal(AtLeast(0.5), Some(0.49)).is_met(), Some(false));
        assert_eq!(goal(AtMost(1.3), Some(1.4)).is_met(), Some(false));
        assert_eq!(goal(AtMost(1.3), None).is_met(), None);
    }

    #[test]
    fn goal_is_written_in_its_unit() {
        let goal = Goal { what: String::new(), bound: AtMost(28.0), unit: Unit::Megabytes, measured: Some(44.6) };
        assert_eq!((goal.bound(), goal.measured()), ("≤ 28 MB".to_owned(), "45 MB".to_owned()));
    }
}
