//! What a number of users needs.

use super::constants::Constants;

/// Assumptions about users, and what is planned with.
pub(super) struct Assumption {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) value: f64,
}

const fn assume(name: &'static str, what: &'static str, value: f64) -> Assumption {
    Assumption { name, what, value }
}

const ACTIVE: Assumption = assume("ACTIVE", "part of the users who are there in the busiest hour", 0.1);
const REQUESTS: Assumption = assume("REQUESTS", "requests of each of them in that hour", 60.0);
const PEAK: Assumption = assume("PEAK", "the busiest minute of that hour, to its mean", 2.0);
const WRITES: Assumption = assume("WRITES", "part of the requests that write", 0.1);
const EVENTS: Assumption = assume("EVENTS", "events of a write: two of a create with an assignee, else one", 1.5);
const SOCKETS: Assumption = assume("SOCKETS", "part of the users with an open WebSocket or event stream", 0.05);
const NODE_CONNECTIONS: Assumption =
    assume("NODE_CONNECTIONS", "connections of a node, by `MAX_CONNECTIONS`", 20_000.0);
const USE: Assumption = assume("USE", "part of a capacity that is planned with", 0.6);

pub(super) const ASSUMPTIONS: [Assumption; 8] =
    [ACTIVE, REQUESTS, PEAK, WRITES, EVENTS, SOCKETS, NODE_CONNECTIONS, USE];

/// The populations that are planned for.
pub(super) const POPULATIONS: [f64; 2] = [1e6, 1e8];

/// What is needed at the peak. `None` where a constant wasn't measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Need {
    pub(super) requests: f64,
    pub(super) writes: f64,
    pub(super) events: f64,
    pub(super) sockets: f64,
    pub(super) node_cores: Option<f64>,
    /// For the connections.
    pub(super) nodes: f64,
    pub(super) database_cores: Option<f64>,
    /// Databases, each of which dispatches its own events.
    pub(super) dispatchers: Option<f64>,
}

impl Need {
    pub(super) fn of(users: f64, constants: &Constants) -> Self {
        let requests = users * ACTIVE.value * REQUESTS.value / 3600.0 * PEAK.value;
        let writes = requests * WRITES.value;
        let reads = requests - writes;
        let events = writes * EVENTS.value;
        let sockets = users * SOCKETS.value;
        let costs = constants.read.zip(constants.write);
        let cores = |of_read: f64, of_write: f64| ((reads * of_read + writes * of_write) / USE.value).ceil();
        Self {
            requests,
            writes,
            events,
            sockets,
            node_cores: costs.map(|(read, write)| cores(read.node, write.node)),
            nodes: (sockets / (USE.value * NODE_CONNECTIONS.value)).ceil(),
            database_cores: costs.map(|(read, write)| cores(read.database, write.database)),
            dispatchers: constants.dispatch.map(|dispatch| (events / (USE.value * dispatch)).ceil()),
        }
    }

    /// Each with its formula and its value.
    pub(super) fn list(&self) -> [(&'static str, &'static str, Option<f64>); 8] {
        let requests = "users × ACTIVE × REQUESTS ÷ 3,600 × PEAK";
        let node_cores = "(reads × C_NODE_READ + writes × C_NODE_WRITE) ÷ USE";
        let database_cores = "(reads × C_DB_READ + writes × C_DB_WRITE) ÷ USE";
        [
            ("requests a second", requests, Some(self.requests)),
            ("of which writes", "requests × WRITES", Some(self.writes)),
            ("events a second", "writes × EVENTS", Some(self.events)),
            ("open sockets", "users × SOCKETS", Some(self.sockets)),
            ("cores of nodes", node_cores, self.node_cores),
            ("nodes, for the sockets", "sockets ÷ (USE × NODE_CONNECTIONS)", Some(self.nodes)),
            ("cores of PostgreSQL", database_cores, self.database_cores),
            ("databases, for the dispatch", "events ÷ (USE × D_MAX)", self.dispatchers),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::scale::{constants::Cost, figures::example};

    #[test]
    fn need_is_that_of_the_formulas() {
        let cost = Cost { node: 0.0002, database: 0.0001 };
        let constants = Constants { read: Some(cost), write: Some(cost), ..Constants::of(&example()) };
        let need = Need::of(1e6, &constants);
        let rounded = [need.requests, need.writes, need.events, need.sockets].map(|value| format!("{value:.0}"));
        assert_eq!(rounded, ["3333", "333", "500", "50000"]);
        // 3,333 × 0.2 ms ÷ 0.6, and 500 ÷ (0.6 × 5,000).
        assert_eq!((need.node_cores, need.nodes, need.dispatchers), (Some(2.0), 5.0, Some(1.0)));
        assert_eq!(Need::of(1e8, &constants).dispatchers, Some(17.0));
    }

    #[test]
    fn unknown_constants_leave_needs_open() {
        let constants = Constants { read: None, dispatch: None, ..Constants::of(&example()) };
        let need = Need::of(1e6, &constants);
        assert_eq!((need.node_cores, need.database_cores, need.dispatchers), (None, None, None));
        assert_eq!(need.list().iter().filter(|(.., value)| value.is_some()).count(), 5);
    }
}
