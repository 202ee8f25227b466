//! A task as a register with versions: what each request does to it, and what it may be answered.

use super::{
    linearizability::{Model, Timed},
    observations::{Observation, Source, is_missing},
    record::{Nanos, Operation, Outcome, Request, Status, Task},
};
use std::collections::HashMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum State<'h> {
    /// It isn't created yet.
    Absent,
    Present(Content<'h>),
    Deleted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Content<'h> {
    version: i64,
    value: Option<&'h str>,
    status: Status,
}

/// What an operation does to one task, or shows of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Act<'h> {
    /// The place of the operation in the history.
    pub(super) place: usize,
    kind: Kind<'h>,
}

#[derive(Clone, Copy, Debug)]
enum Kind<'h> {
    /// A request for this task, with its outcome.
    Asked(&'h Request, &'h Outcome),
    /// It is in a list, or in the feed.
    Shown(Content<'h>),
    /// A list lacks it.
    Missing,
}

impl<'h> Content<'h> {
    fn of(task: &'h Task) -> Self {
        Self { version: task.version, value: task.value.as_deref(), status: task.status }
    }
}

impl<'h> Model for Act<'h> {
    type State = State<'h>;

    fn initial() -> State<'h> {
        State::Absent
    }

    fn step(&self, state: &State<'h>) -> Option<State<'h>> {
        let state = *state;
        let (request, outcome) = match self.kind {
            Kind::Asked(request, outcome) => (request, outcome),
            Kind::Shown(content) => return (state == State::Present(content)).then_some(state),
            Kind::Missing => return (!matches!(state, State::Present(_))).then_some(state),
        };
        // The answer has to be what the state calls for.
        let (after, answer) = answered(state, request);
        match outcome {
            Outcome::Unknown { .. } => Some(after),
            Outcome::Refused { status, .. } if *status >= 500 => Some(after),
            Outcome::Refused { status: 404, .. } => (answer == Answer::NotFound).then_some(state),
            Outcome::Refused { status: 412, .. } => (answer == Answer::PreconditionFailed).then_some(state),
            Outcome::Refused { status: 409, code } if code == "invalid_status_transition" => {
                (answer == Answer::InvalidTransition).then_some(state)
            }
            // What is forbidden exists.
            Outcome::Refused { status: 403, code } if code == "forbidden" => {
                let exists = matches!(state, State::Present(_)) || matches!(request, Request::CreateTask { .. });
                exists.then_some(state)
            }
            Outcome::Refused { .. } => Some(state),
            Outcome::NotModified => (answer == Answer::NotModified).then_some(after),
            Outcome::Done => (answer == Answer::Deleted).then_some(after),
            Outcome::Task { task, etag, replayed } => {
                let shown =
                    if *replayed { Answer::Replayed(Content::of(task)) } else { Answer::Shown(Content::of(task)) };
                (answer == shown && etag.is_none_or(|etag| etag == task.version)).then_some(after)
            }
            _ => None,
        }
    }
}

/// What a request is answered in a state, if nothing fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer<'h> {
    Shown(Content<'h>),
    Replayed(Content<'h>),
    NotModified,
    Deleted,
    NotFound,
    PreconditionFailed,
    InvalidTransition,
    /// No answer is right.
    Never,
}

fn answered<'h>(state: State<'h>, request: &'h Request) -> (State<'h>, Answer<'h>) {
    if let Request::CreateTask { value, status, key, .. } = request {
        let first = Content { version: 1, value: value.as_deref(), status: *status };
        return match (state, key) {
            (State::Absent, _) => (State::Present(first), Answer::Shown(first)),
            (_, Some(_)) => (state, Answer::Replayed(first)),
            (_, None) => (state, Answer::Never),
        };
    }
    let State::Present(content) = state else { return (state, Answer::NotFound) };
    match request {
        Request::ReadTask { if_none_match, .. } if *if_none_match == Some(content.version) => {
            (state, Answer::NotModified)
        }
        Request::ReadTask { .. } => (state, Answer::Shown(content)),
        Request::ChangeTask { if_match, .. } | Request::DeleteTask { if_match, .. }
            if if_match.is_some_and(|version| version != content.version) =>
        {
            (state, Answer::PreconditionFailed)
        }
        Request::ChangeTask { value, status, .. } => match changed(content, value.as_deref(), *status) {
            Some(content) => (State::Present(content), Answer::Shown(content)),
            None => (state, Answer::InvalidTransition),
        },
        Request::DeleteTask { .. } => (State::Deleted, Answer::Deleted),
        _ => (state, Answer::Never),
    }
}

/// `None` if the status may not change so. What changes nothing makes no version.
fn changed<'h>(content: Content<'h>, value: Option<&'h str>, status: Option<Status>) -> Option<Content<'h>> {
    let status = status.unwrap_or(content.status);
    if matches!((content.status, status), (Status::Todo, Status::Done) | (Status::Done, Status::Todo)) {
        return None;
    }
    let after = Content { value: value.or(content.value), status, ..content };
    let version = content.version + i64::from(after != content);
    Some(Content { version, ..after })
}

/// The operations on one task.
pub(super) type TaskHistory<'h> = Vec<Timed<Act<'h>>>;

/// What concerns each task, by its id. A creation belongs to the task that has its title.
pub(super) fn by_task<'h>(history: &'h [Operation], observed: &[Observation<'h>]) -> HashMap<i64, TaskHistory<'h>> {
    let ids: HashMap<&str, i64> = observed.iter().rev().map(|it| (it.task.title.as_str(), it.task.id)).collect();
    let mut projects: HashMap<i64, i64> = observed.iter().map(|it| (it.task.id, it.project)).collect();
    let mut tasks: HashMap<i64, TaskHistory<'h>> = HashMap::new();
    for (place, operation) in history.iter().enumerate() {
        let Some(id) = concerned(operation, &ids) else { continue };
        // What can't have an effect and shows nothing says nothing.
        if operation.is_unknown() && !operation.request.writes_task() {
            continue;
        }
        projects.extend(operation.request.project().map(|project| (id, project)));
        let kind = Kind::Asked(&operation.request, &operation.outcome);
        let returned = (!operation.is_unknown()).then_some(operation.returned);
        tasks.entry(id).or_default().push(timed(place, kind, operation.called, returned));
    }
    let first = |(id, task): (&i64, &TaskHistory<'_>)| Some((*id, task.iter().map(|act| act.called).min()?));
    let begun: HashMap<i64, Nanos> = tasks.iter().filter_map(first).collect();
    let mut in_feed: HashMap<(i64, i64), Nanos> = HashMap::new();
    for observation in observed {
        let (operation, task) = (&history[observation.operation], observation.task);
        let is_page = matches!(operation.request, Request::ListTasks { .. });
        let kind = Kind::Shown(Content::of(task));
        let add = |called| timed(observation.operation, kind, called, Some(operation.returned));
        match observation.source {
            Source::Now if is_page => tasks.entry(task.id).or_default().push(add(operation.called)),
            // Once for each version, at the earliest.
            Source::Feed => {
                let earliest = in_feed.entry((task.id, task.version)).or_insert(Nanos::MAX);
                if operation.returned < *earliest {
                    *earliest = operation.returned;
                    tasks.entry(task.id).or_default().push(add(0));
                }
            }
            Source::Now | Source::Replay => {}
        }
    }
    for (place, operation) in history.iter().enumerate().filter(|(_, it)| matches!(it.outcome, Outcome::Tasks { .. })) {
        for (id, task) in &mut tasks {
            // That a task isn't there before anybody knows it says nothing.
            let is_before = begun.get(id).is_some_and(|begun| operation.returned < *begun);
            if !is_before && projects.get(id).is_some_and(|project| is_missing(operation, *project, *id)) {
                task.push(timed(place, Kind::Missing, operation.called, Some(operation.returned)));
            }
        }
    }
    tasks
}

/// The task that a request is about.
fn concerned(operation: &Operation, ids: &HashMap<&str, i64>) -> Option<i64> {
    match &operation.request {
        Request::CreateTask { title, .. } => match &operation.outcome {
            Outcome::Task { task, .. } => Some(task.id),
            _ => ids.get(title.as_str()).copied(),
        },
        Request::ReadTask { task, .. } | Request::ChangeTask { task, .. } | Request::DeleteTask { task, .. } => {
            Some(*task)
        }
        _ => None,
    }
}

fn timed(place: usize, kind: Kind<'_>, called: Nanos, returned: Option<Nanos>) -> Timed<Act<'_>> {
    Timed { operation: Act { place, kind }, called, returned }
}
