//! What answers show: each version has one content, and somebody has requested it.

use super::{
    observations::{Observation, comments},
    record::{Nanos, Operation, Request, Status},
    report::{Report, Rule},
};
use std::collections::{HashMap, HashSet, hash_map::Entry};

pub(super) fn check(history: &[Operation], observed: &[Observation<'_>], report: &mut Report<'_>) {
    check_versions(observed, report);
    check_requested(history, observed, report);
}

/// What a version of a task says.
type Content<'a> = (Option<&'a str>, Status);

fn check_versions(observed: &[Observation<'_>], report: &mut Report<'_>) {
    let mut contents: HashMap<(i64, i64), (Content<'_>, usize)> = HashMap::new();
    let mut reported = HashSet::new();
    for observation in observed {
        let task = observation.task;
        let content = (task.value.as_deref(), task.status);
        match contents.entry((task.id, task.version)) {
            Entry::Vacant(entry) => {
                entry.insert((content, observation.operation));
            }
            Entry::Occupied(entry) => {
                let (before, place) = *entry.get();
                if before != content && reported.insert((task.id, task.version)) {
                    let what = format!("version {} of task {} has two contents", task.version, task.id);
                    report.add(Rule::VersionContent, what, [place, observation.operation]);
                }
            }
        }
    }
}

fn check_requested(history: &[Operation], observed: &[Observation<'_>], report: &mut Report<'_>) {
    let mut requested: HashMap<(&str, &str), Nanos> = HashMap::new();
    for operation in history {
        for text in texts(&operation.request) {
            let first = requested.entry(text).or_insert(operation.called);
            *first = operation.called.min(*first);
        }
    }
    let tasks = observed.iter().flat_map(|it| {
        let value = it.task.value.as_deref().map(|value| (it.operation, ("value", value)));
        [(it.operation, ("title", it.task.title.as_str()))].into_iter().chain(value)
    });
    let comments = comments(history).into_iter().map(|(place, comment)| (place, ("comment", comment.body.as_str())));
    let mut reported = HashSet::new();
    for (place, text) in tasks.chain(comments) {
        let is_requested = requested.get(&text).is_some_and(|called| *called <= history[place].returned);
        if !is_requested && reported.insert(text) {
            report.add(Rule::WrittenValues, format!("nobody has written the {} {:?}", text.0, text.1), [place]);
        }
    }
}

/// The texts that a request writes, each with what it is.
fn texts(request: &Request) -> Vec<(&'static str, &str)> {
    match request {
        Request::CreateTask { title, value, .. } => {
            [("title", title.as_str())].into_iter().chain(value.as_deref().map(|value| ("value", value))).collect()
        }
        Request::ChangeTask { value: Some(value), .. } => vec![("value", value.as_str())],
        Request::CreateComment { body, .. } => vec![("comment", body.as_str())],
        _ => Vec::new(),
    }
}
