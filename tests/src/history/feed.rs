//! The change feed of each client that follows it: nothing is skipped, nothing older comes after newer.

use super::{
    feed_replica::{Deletions, Replica},
    limits::{Deadlines, Limits},
    memberships::Memberships,
    record::{Nanos, Operation, Outcome, Request},
    report::{Report, Rule},
};
use std::collections::{BTreeMap, HashSet};

/// A write that was answered, with what the feed has to show.
struct Write {
    place: usize,
    project: i64,
    task: i64,
    expected: Expected,
    /// When the feed has to show it.
    due: Nanos,
}

enum Expected {
    Version(i64),
    Deleted,
    Comment(i64),
}

pub(super) fn check(history: &[Operation], memberships: &Memberships<'_>, limits: &Limits, report: &mut Report<'_>) {
    let deadlines = Deadlines::new(history);
    let due = |operation: &Operation| deadlines.due(operation.returned, limits.feed);
    let deletions = Deletions::new(history);
    let writes: Vec<_> = (0..history.len()).filter_map(|place| write(history, place, &due)).collect();
    let mut clients: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (place, operation) in history.iter().enumerate() {
        if matches!(operation.outcome, Outcome::Changes { .. }) {
            clients.entry(operation.client).or_default().push(place);
        }
    }
    report.counts.followers = clients.len();
    for mut places in clients.into_values() {
        places.sort_by_key(|place| history[*place].called);
        let mut replica = Replica::default();
        let mut reported = HashSet::new();
        for place in places {
            let operation = &history[place];
            let Outcome::Changes { changes, has_more, .. } = &operation.outcome else { continue };
            if operation.request == (Request::Changes { since: None }) {
                replica = Replica::default();
            }
            replica.follow(changes, (place, operation.returned), &deletions, report);
            if !has_more {
                report.counts.feed_pages += 1;
                let page =
                    LastPage { history, place, replica: &replica, deletions: &deletions, memberships, due: &due };
                page.check_projects(&mut reported, report);
                page.check_writes(&writes, &mut reported, report);
            }
        }
    }
}

fn write(history: &[Operation], place: usize, due: &dyn Fn(&Operation) -> Nanos) -> Option<Write> {
    let operation = &history[place];
    let (project, task, expected) = match (&operation.request, &operation.outcome) {
        (
            Request::CreateTask { project, .. } | Request::ChangeTask { project, .. },
            Outcome::Task { task, replayed: false, .. },
        ) => (project, task.id, Expected::Version(task.version)),
        (Request::DeleteTask { project, task, .. }, Outcome::Done) => (project, *task, Expected::Deleted),
        (Request::CreateComment { project, task, .. }, Outcome::Comment { comment, .. }) => {
            (project, *task, Expected::Comment(comment.id))
        }
        _ => return None,
    };
    Some(Write { place, project: *project, task, expected, due: due(operation) })
}

/// A page behind which there was nothing more.
struct LastPage<'p> {
    history: &'p [Operation],
    place: usize,
    replica: &'p Replica,
    deletions: &'p Deletions,
    memberships: &'p Memberships<'p>,
    due: &'p dyn Fn(&Operation) -> Nanos,
}

impl LastPage<'_> {
    fn operation(&self) -> &Operation {
        &self.history[self.place]
    }

    /// The client has the projects that it is a member of, and no others.
    fn check_projects(&self, reported: &mut HashSet<(usize, i64)>, report: &mut Report<'_>) {
        let page = self.operation();
        let Some(caller) = &page.caller else { return };
        let is_due = |operation: &Operation| (self.due)(operation) < page.called;
        for project in self.memberships.projects(caller.user) {
            let membership = (project, caller.user);
            let (cause, what) = if self.replica.projects.contains(&project) {
                (self.memberships.removal(membership, page.returned, is_due), "keeps a project that was lost")
            } else {
                (self.memberships.addition(membership, page.returned, is_due), "lacks a project that was gained")
            };
            if let Some(cause) = cause.filter(|cause| reported.insert((*cause, project))) {
                report.add(Rule::FeedComplete, format!("the feed {what}: {project}"), [cause, self.place]);
            }
        }
    }

    /// The client has every write that is due in its projects. Each is reported once.
    fn check_writes(&self, writes: &[Write], reported: &mut HashSet<(usize, i64)>, report: &mut Report<'_>) {
        let page = self.operation();
        for write in writes.iter().filter(|write| write.due < page.called) {
            let is_lost =
                self.replica.projects.contains(&write.project) && self.is_lacking(write) && self.is_visible(write);
            if is_lost && reported.insert((write.place, write.project)) {
                let what = match write.expected {
                    Expected::Version(version) => format!("lacks version {version} of task {}", write.task),
                    Expected::Deleted => format!("keeps task {}, which is deleted", write.task),
                    Expected::Comment(comment) => format!("lacks comment {comment} of task {}", write.task),
                };
                report.add(Rule::FeedComplete, format!("the feed {what}"), [write.place, self.place]);
            }
        }
    }

    /// Whether the client is certainly a member of the project, and has been for long enough.
    fn is_visible(&self, write: &Write) -> bool {
        let page = self.operation();
        page.caller.as_ref().is_none_or(|caller| {
            let membership = (write.project, caller.user);
            let is_over = |addition: &Operation| (self.due)(addition) < page.called;
            // A removal before the write is judged with the projects.
            !self.memberships.may_be_removed(membership, self.history[write.place].called, page.returned)
                && !self.memberships.may_be_added(membership, page.returned, is_over)
        })
    }

    fn is_lacking(&self, write: &Write) -> bool {
        let task = self.replica.tasks.get(&write.task);
        let may_be_deleted = || self.deletions.may_include(write.task, self.operation().returned);
        match (&write.expected, task) {
            (Expected::Deleted, task) => task.is_some_and(|task| task.version.is_some()),
            (Expected::Version(version), Some(task)) => task.version.is_some_and(|shown| shown < *version),
            (Expected::Version(_), None) => !may_be_deleted(),
            (Expected::Comment(comment), _) => !self.replica.comments.contains_key(comment) && !may_be_deleted(),
        }
    }
}
