use super::record::{Nanos, Operation, Request};

const SECOND: Nanos = 1_000_000_000;

/// How long what is promised may take, and how much work the search may do.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Until a session that ended is refused on other nodes than the one that ended it.
    pub revocation: Nanos,
    /// Until a member who was removed is refused on other nodes, and one who was added is let in.
    pub access: Nanos,
    /// Until a change is in the feed.
    pub feed: Nanos,
    /// Until statistics are right.
    pub statistics: Nanos,
    /// Until a change has its notifications.
    pub notifications: Nanos,
    /// How many steps the search for an order of one task's operations may take.
    pub steps: u64,
}

/// When promises fall due that hold unless something fails.
#[derive(Debug)]
pub(super) struct Deadlines {
    /// Begin and end of each fault, by begin.
    faults: Vec<(Nanos, Nanos)>,
}

impl Limits {
    /// The times that the contract promises.
    pub fn contract() -> Self {
        Self {
            revocation: SECOND,
            access: SECOND,
            feed: SECOND,
            statistics: 2 * SECOND,
            notifications: 2 * SECOND,
            steps: 1_000_000,
        }
    }
}

impl Deadlines {
    pub(super) fn new(history: &[Operation]) -> Self {
        let faults = history.iter().filter(|operation| matches!(operation.request, Request::Fault { .. }));
        let mut faults: Vec<_> = faults.map(|fault| (fault.called, fault.returned)).collect();
        faults.sort_unstable();
        Self { faults }
    }

    /// When something falls due that takes at most `limit` from `begin` on. The time starts anew at the end of each fault
    /// that overlaps it.
    pub(super) fn due(&self, begin: Nanos, limit: Nanos) -> Nanos {
        self.faults.iter().fold(begin.saturating_add(limit), |due, (from, until)| {
            if *from <= due && *until >= begin { due.max(until.saturating_add(limit)) } else { due }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_starts_anew_after_each_fault_that_overlaps() {
        let deadlines = Deadlines { faults: vec![(0, 5), (10, 20), (22, 30), (90, 99)] };
        assert_eq!(deadlines.due(6, 3), 9);
        assert_eq!(deadlines.due(5, 3), 8);
        assert_eq!(deadlines.due(8, 3), 33);
        assert_eq!(deadlines.due(40, 3), 43);
        assert_eq!(deadlines.due(95, 3), 102);
    }
}
