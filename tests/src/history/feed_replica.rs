use super::{
    record::{Change, Nanos, Operation, Request},
    report::{Report, Rule},
};
use std::collections::{HashMap, HashSet};

/// What a client has after following the feed.
#[derive(Debug, Default)]
pub(super) struct Replica {
    pub(super) projects: HashSet<i64>,
    pub(super) tasks: HashMap<i64, TaskInReplica>,
    /// Comments with their projects.
    pub(super) comments: HashMap<i64, i64>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct TaskInReplica {
    /// The place of the page that it is from.
    pub(super) place: usize,
    project: i64,
    /// `None` if it is deleted.
    pub(super) version: Option<i64>,
}

impl Replica {
    /// Follows a page, which is at this place and returned then.
    pub(super) fn follow(
        &mut self,
        changes: &[Change],
        (place, returned): (usize, Nanos),
        deletions: &Deletions,
        report: &mut Report<'_>,
    ) {
        for change in changes {
            match change {
                Change::PutProject { project } => {
                    self.projects.insert(*project);
                }
                Change::DeleteProject { project } => self.lose(*project),
                Change::PutTask { project, task } => {
                    self.put(task.id, TaskInReplica { place, project: *project, version: Some(task.version) }, report);
                }
                Change::DeleteTask { project, task } => {
                    self.put(*task, TaskInReplica { place, project: *project, version: None }, report);
                    if !deletions.may_include(*task, returned) {
                        report.add(Rule::WrittenValues, format!("nobody has deleted task {task}"), [place]);
                    }
                }
                Change::PutComment { project, comment } => {
                    self.comments.insert(comment.id, *project);
                }
                Change::Other { .. } => {}
            }
        }
    }

    fn put(&mut self, id: i64, task: TaskInReplica, report: &mut Report<'_>) {
        let Some(before) = self.tasks.insert(id, task) else { return };
        match (before.version, task.version) {
            (Some(newer), Some(version)) if newer > version => {
                let what = format!("the feed shows version {version} of task {id} after {newer}");
                report.add(Rule::FeedOrder, what, [before.place, task.place]);
            }
            (None, Some(version)) => {
                let what = format!("the feed shows version {version} of task {id} after its deletion");
                report.add(Rule::FeedOrder, what, [before.place, task.place]);
            }
            _ => {}
        }
    }

    /// The deletion of a project stands for all in it.
    fn lose(&mut self, project: i64) {
        self.projects.remove(&project);
        self.tasks.retain(|_, task| task.project != project);
        self.comments.retain(|_, of| *of != project);
    }
}

/// From when on tasks may be deleted.
#[derive(Debug)]
pub(super) struct Deletions(HashMap<i64, Nanos>);

impl Deletions {
    pub(super) fn new(history: &[Operation]) -> Self {
        let mut from = HashMap::new();
        for operation in history.iter().filter(|operation| operation.is_success() || operation.is_unknown()) {
            if let Request::DeleteTask { task, .. } = operation.request {
                let first = from.entry(task).or_insert(operation.called);
                *first = operation.called.min(*first);
            }
        }
        Self(from)
    }

    /// Whether a deletion of the task may have taken effect by then.
    pub(super) fn may_include(&self, task: i64, by: Nanos) -> bool {
        self.0.get(&task).is_some_and(|from| *from <= by)
    }
}
