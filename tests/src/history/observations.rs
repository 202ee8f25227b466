use super::record::{Change, Comment, Operation, Outcome, Request, Task};

/// A task that an answer shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observation<'h> {
    /// The place of the operation.
    pub(super) operation: usize,
    pub(super) project: i64,
    pub(super) task: &'h Task,
    pub(super) source: Source,
}

/// What kind of answer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The task as it was between call and return.
    Now,
    /// The replayed answer of a creation: the task as it was then.
    Replay,
    /// A page of the feed: the task as it was before the return.
    Feed,
}

/// Every task in every answer.
pub(super) fn observations(history: &[Operation]) -> Vec<Observation<'_>> {
    let mut observations = Vec::new();
    for (place, operation) in history.iter().enumerate() {
        let mut add = |project, task, source| {
            observations.push(Observation { operation: place, project, task, source });
        };
        match (&operation.outcome, operation.request.project()) {
            (Outcome::Task { task, replayed, .. }, Some(project)) => {
                add(project, task, if *replayed { Source::Replay } else { Source::Now });
            }
            (Outcome::Tasks { tasks, .. }, Some(project)) => {
                for task in tasks {
                    add(project, task, Source::Now);
                }
            }
            (Outcome::Changes { changes, .. }, _) => {
                for change in changes {
                    if let Change::PutTask { project, task } = change {
                        add(*project, task, Source::Feed);
                    }
                }
            }
            _ => {}
        }
    }
    observations
}

/// Whether this page of a project's tasks has no task of this id, although it would be on it.
pub(super) fn is_missing(operation: &Operation, in_project: i64, id: i64) -> bool {
    let (Request::ListTasks { project, after }, Outcome::Tasks { tasks, has_more }) =
        (&operation.request, &operation.outcome)
    else {
        return false;
    };
    let begins_before = after.is_none_or(|after| after < id);
    let ends_behind = !has_more || tasks.last().is_some_and(|last| last.id > id);
    *project == in_project && begins_before && ends_behind && tasks.binary_search_by_key(&id, |task| task.id).is_err()
}

/// Every comment in every answer, with the place of the operation.
pub(super) fn comments(history: &[Operation]) -> Vec<(usize, &Comment)> {
    let mut comments = Vec::new();
    for (place, operation) in history.iter().enumerate() {
        match &operation.outcome {
            Outcome::Comment { comment, .. } => comments.push((place, comment)),
            Outcome::Comments { comments: page, .. } => comments.extend(page.iter().map(|comment| (place, comment))),
            Outcome::Changes { changes, .. } => comments.extend(changes.iter().filter_map(|change| match change {
                Change::PutComment { comment, .. } => Some((place, comment)),
                _ => None,
            })),
            _ => {}
        }
    }
    comments
}
