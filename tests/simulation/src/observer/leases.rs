//! Who holds which lease, by what the adapter answered.

use fasttrack_domain::{Timestamp, job::WorkerId};
use std::collections::BTreeMap;

/// The leases of jobs or of webhooks. A lease ends by the clock of the worker that takes over, as the port says.
#[derive(Default)]
pub(crate) struct Leases(BTreeMap<i64, (WorkerId, Timestamp)>);

impl Leases {
    /// Records a lease. Returns what is wrong with it.
    pub(crate) fn lease(&mut self, id: i64, worker: &WorkerId, now: Timestamp, until: Timestamp) -> Option<String> {
        let before = self.0.insert(id, (worker.clone(), until))?;
        let (holder, held_until) = before;
        let (holder, worker) = (holder.as_str(), worker.as_str());
        (held_until > now).then(|| format!("{id} is leased to {worker} at {now}, and to {holder} until {held_until}"))
    }

    pub(crate) fn extend(&mut self, ids: impl Iterator<Item = i64>, worker: &WorkerId, until: Timestamp) {
        for id in ids {
            if let Some((_, held_until)) = self.0.get_mut(&id).filter(|(holder, _)| holder == worker) {
                *held_until = until;
            }
        }
    }

    /// Ends a lease by what its holder did. Returns what is wrong if another holds it.
    pub(crate) fn end(&mut self, id: i64, worker: &WorkerId) -> Option<String> {
        match self.0.remove(&id) {
            Some((holder, _)) if holder == *worker => None,
            holder => Some(format!("{id} is ended by {}, and leased to {holder:?}", worker.as_str())),
        }
    }

    /// Whether the worker was the last to lease it.
    pub(crate) fn is_held_by(&self, id: i64, worker: &WorkerId) -> bool {
        self.0.get(&id).is_some_and(|(holder, _)| holder == worker)
    }

    pub(crate) fn release_all(&mut self, worker: &WorkerId) {
        self.0.retain(|_, (holder, _)| holder != worker);
    }
}
