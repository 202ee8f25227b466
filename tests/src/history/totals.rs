//! Statistics between two equal walks through a project's tasks are those of these tasks.

use super::{
    limits::{Deadlines, Limits},
    record::{Nanos, Operation, Outcome, Request, Status},
    report::{Report, Rule},
};
use std::collections::{BTreeMap, HashMap};

/// All pages of a project's tasks, read by one client.
struct Walk {
    project: i64,
    called: Nanos,
    returned: Nanos,
    /// The place of the last page.
    place: usize,
    /// Version and status by id.
    tasks: BTreeMap<i64, (i64, Status)>,
}

pub(super) fn check(history: &[Operation], limits: &Limits, report: &mut Report<'_>) {
    let (walks, deadlines) = (walks(history), Deadlines::new(history));
    for (place, operation) in history.iter().enumerate() {
        let (Request::Statistics { project }, Outcome::Statistics { todo, in_progress, done, total }) =
            (&operation.request, &operation.outcome)
        else {
            continue;
        };
        let of_project = || walks.iter().filter(|walk| walk.project == *project);
        let is_before = |walk: &&Walk| deadlines.due(walk.returned, limits.statistics) <= operation.called;
        let before = of_project().filter(is_before).max_by_key(|walk| walk.returned);
        let after = of_project().filter(|walk| walk.called >= operation.returned).min_by_key(|walk| walk.called);
        let (Some(before), Some(after)) = (before, after) else { continue };
        if before.tasks != after.tasks || creates(history, *project, before.called, after.returned) {
            continue;
        }
        report.counts.statistics += 1;
        let count = |of| before.tasks.values().filter(|(_, status)| *status == of).count();
        let counts = [Status::Todo, Status::InProgress, Status::Done].map(count);
        let expected = [counts[0], counts[1], counts[2], before.tasks.len()];
        let shown = [*todo, *in_progress, *done, *total].map(|number| usize::try_from(number).ok());
        if shown != expected.map(Some) {
            let what = format!("the statistics of project {project} aren't those of its tasks, {expected:?}");
            report.add(Rule::Statistics, what, [before.place, place, after.place]);
        }
    }
}

/// Whether tasks may have come and gone unseen.
fn creates(history: &[Operation], in_project: i64, from: Nanos, until: Nanos) -> bool {
    history.iter().any(|operation| {
        let creates = matches!(operation.request, Request::CreateTask { project, .. } if project == in_project);
        creates && operation.is_success() && operation.called <= until && operation.returned >= from
    })
}

/// The walks that reached the last page.
fn walks(history: &[Operation]) -> Vec<Walk> {
    let mut places: Vec<_> = (0..history.len()).collect();
    places.sort_by_key(|place| history[*place].called);
    let (mut walks, mut begun) = (Vec::new(), HashMap::new());
    for place in places {
        let operation = &history[place];
        let (Request::ListTasks { project, after }, Outcome::Tasks { tasks, has_more }) =
            (&operation.request, &operation.outcome)
        else {
            continue;
        };
        let key = (operation.client, *project);
        if after.is_none() {
            let called = operation.called;
            begun.insert(key, Walk { project: *project, called, returned: called, place, tasks: BTreeMap::new() });
        }
        let Some(mut walk) = begun.remove(&key) else { continue };
        if walk.tasks.keys().next_back().copied() != *after {
            continue;
        }
        walk.tasks.extend(tasks.iter().map(|task| (task.id, (task.version, task.status))));
        (walk.returned, walk.place) = (operation.returned, place);
        if *has_more {
            begun.insert(key, walk);
        } else {
            walks.push(walk);
        }
    }
    walks
}
