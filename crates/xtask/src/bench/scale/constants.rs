//! The measured constants that the arithmetic takes.

use super::{figures::Figures, work::Work};
use crate::bench::{page::grouped, subject::Database};

/// The load at which hot rows are compared with others.
pub(super) const HOT_CONNECTIONS: usize = 64;

/// CPU time of a request in seconds, the dispatch of its events included. Mails that wait after that are not in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cost {
    pub(super) node: f64,
    pub(super) database: f64,
}

/// `None` where it wasn't measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Constants {
    pub(super) read: Option<Cost>,
    /// The mean of a create with an assignee and a change of status.
    pub(super) write: Option<Cost>,
    /// Events a second that are dispatched, of one database.
    pub(super) dispatch: Option<f64>,
    /// Creates a second in one project.
    pub(super) hot_project: Option<f64>,
    /// Messages a second between two nodes.
    pub(super) deliveries: Option<f64>,
    /// Creates a second on SQLite.
    pub(super) sqlite: Option<f64>,
}

impl Constants {
    /// Takes those of one node, at the knees.
    pub(super) fn of(figures: &Figures) -> Self {
        let cost = |work| {
            let reading = figures.knee(work, Database::Postgres, 1)?.reading;
            let (node, database) = (reading.node_cpu_microseconds / 1e6, reading.database_cpu_microseconds / 1e6);
            Some(Cost { node, database })
        };
        let mean = |(one, other): (Cost, Cost)| Cost {
            node: f64::midpoint(one.node, other.node),
            database: f64::midpoint(one.database, other.database),
        };
        let in_hot_project = figures.ladder(Work::HotProject, Database::Postgres, 1);
        let in_hot_project = in_hot_project.iter().find(|step| step.setting.connections == HOT_CONNECTIONS);
        let on_sqlite = figures.knee(Work::Create, Database::Sqlite, 1);
        Self {
            read: cost(Work::Read),
            write: cost(Work::Create).zip(cost(Work::Status)).map(mean),
            dispatch: figures.drain(Database::Postgres, 1),
            hot_project: in_hot_project.map(|step| step.reading.requests_per_second),
            deliveries: figures.delivered().map(|delivery| delivery.messages_per_second),
            sqlite: on_sqlite.map(|step| step.reading.requests_per_second),
        }
    }

    /// The names in formulas, what they are, and their values.
    pub(super) fn list(&self) -> [(&'static str, &'static str, Option<String>); 8] {
        let time = |cost: Option<Cost>, of: fn(Cost) -> f64| cost.map(|cost| format!("{:.0} µs", of(cost) * 1e6));
        let rate = |rate: Option<f64>| rate.map(|rate| format!("{}/s", grouped(&format!("{rate:.0}"))));
        [
            ("C_NODE_READ", "CPU time of a node for a read", time(self.read, |it| it.node)),
            ("C_DB_READ", "CPU time of PostgreSQL for a read", time(self.read, |it| it.database)),
            ("C_NODE_WRITE", "CPU time of a node for a write and its consequences", time(self.write, |it| it.node)),
            ("C_DB_WRITE", "CPU time of PostgreSQL for the same", time(self.write, |it| it.database)),
            ("D_MAX", "events that one database dispatches, with nothing else to do", rate(self.dispatch)),
            ("P_MAX", "creates with an assignee in one project", rate(self.hot_project)),
            ("N_MAX", "notifications on sockets of another node, by `pg_notify`", rate(self.deliveries)),
            ("L_MAX", "creates with an assignee on SQLite", rate(self.sqlite)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::scale::figures::example;

    #[test]
    fn constants_are_those_at_the_knees() {
        let constants = Constants::of(&example());
        assert_eq!(constants.read, Some(Cost { node: 0.0002, database: 0.0001 }));
        assert_eq!((constants.dispatch, constants.hot_project), (Some(5000.0), Some(400.0)));
        assert_eq!((constants.deliveries, constants.sqlite), (Some(490.0), Some(3800.0)));
        let values: Vec<_> = constants.list().into_iter().filter_map(|(name, _, value)| Some((name, value?))).collect();
        assert_eq!(values[0], ("C_NODE_READ", "200 µs".to_owned()));
        assert_eq!(values[7], ("L_MAX", "3,800/s".to_owned()));
    }

    #[test]
    fn what_was_not_measured_has_no_value() {
        let mut figures = example();
        figures.steps.clear();
        figures.deliveries.clear();
        let constants = Constants::of(&figures);
        assert_eq!((constants.read, constants.write, constants.deliveries), (None, None, None));
        assert_eq!(constants.dispatch, Some(5000.0));
    }
}
