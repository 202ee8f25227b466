//! What one client sees, on any node: nothing older than what it has seen or written.
//!
//! The search for an order finds the same, but these findings name the two answers.

use super::{
    observations::{Observation, Source, is_missing},
    record::{Operation, Outcome, Request},
    report::{Report, Rule},
};
use std::collections::{BTreeMap, HashMap};

/// The latest that a client has seen of a task.
#[derive(Clone, Copy)]
struct Latest {
    place: usize,
    project: i64,
    /// `None` if it is deleted.
    version: Option<i64>,
    is_own_write: bool,
}

pub(super) fn check(history: &[Operation], observed: &[Observation<'_>], report: &mut Report<'_>) {
    let mut shown: HashMap<usize, Vec<&Observation<'_>>> = HashMap::new();
    for observation in observed.iter().filter(|observation| observation.source == Source::Now) {
        shown.entry(observation.operation).or_default().push(observation);
    }
    let mut clients: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (place, operation) in history.iter().enumerate() {
        clients.entry(operation.client).or_default().push(place);
    }
    for mut places in clients.into_values() {
        places.sort_by_key(|place| history[*place].called);
        let mut latest = HashMap::new();
        for place in places {
            let shown = shown.get(&place).map(Vec::as_slice).unwrap_or_default();
            follow(history, place, shown, &mut latest, report);
        }
    }
}

/// Compares an answer with what its client has seen before.
fn follow(
    history: &[Operation],
    place: usize,
    shown: &[&Observation<'_>],
    latest: &mut HashMap<i64, Latest>,
    report: &mut Report<'_>,
) {
    let operation = &history[place];
    let is_own_write = operation.request.writes_task();
    for observation in shown {
        let (id, project, version) = (observation.task.id, observation.project, observation.task.version);
        let before = latest.insert(id, Latest { place, project, version: Some(version), is_own_write });
        if let Some(before) = before.filter(|before| before.version.is_none_or(|before| before > version)) {
            let what = match before.version {
                Some(newer) => format!("task {id} goes back from version {newer} to {version}"),
                None => format!("task {id} is there again after it was gone"),
            };
            report.add(rule(before), what, [before.place, place]);
        }
    }
    if let (Request::DeleteTask { task, project, .. }, Outcome::Done) = (&operation.request, &operation.outcome) {
        latest.insert(*task, Latest { place, project: *project, version: None, is_own_write: true });
    }
    if matches!(operation.request, Request::ListTasks { .. } | Request::ReadTask { .. }) {
        for (id, seen) in latest.iter_mut().filter(|(_, seen)| seen.version.is_some()) {
            let is_read = matches!(operation.request, Request::ReadTask { task, .. } if task == *id);
            if is_missing(operation, seen.project, *id) || (is_read && operation.is_refused(404)) {
                *seen = Latest { place, version: None, is_own_write: false, ..*seen };
            }
        }
    }
}

fn rule(before: Latest) -> Rule {
    if before.is_own_write { Rule::ReadYourWrites } else { Rule::MonotonicReads }
}
