//! Histories by hand. The client `n` is the user `n` in the session `sn`, at node `n % 2`.

use crate::history::{
    Caller, Change, Comment, Limits, Nanos, Notification, NotificationContent, Operation, Outcome, Request, Rule,
    Status, Task, check,
};

pub(super) const PROJECT: i64 = 7;

/// The client of the project's owner. Its node is 1.
pub(super) const OWNER: u32 = 1;
/// A client at node 0.
pub(super) const ANN: u32 = 2;
/// A client at node 1.
pub(super) const BOB: u32 = 3;

pub(super) fn ms(milliseconds: u64) -> Nanos {
    milliseconds * 1_000_000
}

#[derive(Clone, Debug, Default)]
pub(super) struct Builder {
    pub(super) operations: Vec<Operation>,
    now: u64,
}

impl Builder {
    /// The owner's project, with the members Ann and Bob since more than a second.
    pub(super) fn new() -> Self {
        Self::default()
            .then(OWNER, Request::CreateProject, Outcome::Project { id: PROJECT })
            .then(OWNER, Request::AddMember { project: PROJECT, user: ANN.into() }, Outcome::Done)
            .then(OWNER, Request::AddMember { project: PROJECT, user: BOB.into() }, Outcome::Done)
            .wait(5000)
    }

    /// The same with tasks.
    pub(super) fn with_tasks(ids: impl IntoIterator<Item = i64>) -> Self {
        ids.into_iter().fold(Self::new(), |builder, id| builder.then(OWNER, create(id), shown(id, 1)))
    }

    /// Adds an operation after all others, which takes a millisecond.
    pub(super) fn then(mut self, client: u32, request: Request, outcome: Outcome) -> Self {
        self.now += 2;
        let now = self.now;
        self.between(client, now - 1, now, request, outcome)
    }

    /// Adds one that is called after all others, but nothing waits for its return.
    pub(super) fn meanwhile(self, client: u32, lasts: u64, request: Request, outcome: Outcome) -> Self {
        let now = self.now;
        self.between(client, now, now + lasts, request, outcome)
    }

    pub(super) fn wait(mut self, milliseconds: u64) -> Self {
        self.now += milliseconds;
        self
    }

    fn between(mut self, client: u32, called: u64, returned: u64, request: Request, outcome: Outcome) -> Self {
        let is_anonymous = matches!(request, Request::Fault { .. } | Request::LogIn { .. } | Request::Refresh { .. });
        let by = (!is_anonymous).then(|| Caller { user: client.into(), session: format!("s{client}") });
        let (called, returned) = (ms(called), ms(returned));
        self.operations.push(Operation { client, node: client % 2, caller: by, called, returned, request, outcome });
        self
    }

    pub(super) fn rules(&self) -> Vec<Rule> {
        check(&self.operations, &Limits::contract()).findings.into_iter().map(|finding| finding.rule).collect()
    }

    #[track_caller]
    pub(super) fn is_right(&self) {
        let report = check(&self.operations, &Limits::contract());
        assert!(report.is_right() && report.undecided.is_empty(), "{report}");
    }

    /// This rule is broken, and perhaps others.
    #[track_caller]
    pub(super) fn breaks(&self, rule: Rule) {
        let report = check(&self.operations, &Limits::contract());
        assert!(report.findings.iter().any(|finding| finding.rule == rule), "{rule:?} isn't found: {report}");
    }

    /// This rule is broken, and no other.
    #[track_caller]
    pub(super) fn breaks_only(&self, rule: Rule) {
        assert_eq!(self.rules(), [rule]);
    }
}

/// A task whose description is its id and version.
pub(super) fn task(id: i64, version: i64) -> Task {
    let value = Some(format!("{id}/{version}"));
    Task { id, title: format!("Task {id}"), value, status: Status::Todo, version }
}

pub(super) fn shown(id: i64, version: i64) -> Outcome {
    Outcome::Task { task: task(id, version), etag: Some(version), replayed: false }
}

pub(super) fn create(id: i64) -> Request {
    let Task { title, value, status, .. } = task(id, 1);
    Request::CreateTask { project: PROJECT, title, value, status, key: None }
}

pub(super) fn create_with_key(id: i64) -> Request {
    let Task { title, value, status, .. } = task(id, 1);
    Request::CreateTask { project: PROJECT, title, value, status, key: Some(format!("key {id}")) }
}

/// Changes the description to that of this version.
pub(super) fn change(id: i64, version: i64) -> Request {
    Request::ChangeTask { project: PROJECT, task: id, value: task(id, version).value, status: None, if_match: None }
}

pub(super) fn change_based_on(if_match: i64, id: i64, value: &str) -> Request {
    let value = Some(value.to_owned());
    Request::ChangeTask { project: PROJECT, task: id, value, status: None, if_match: Some(if_match) }
}

pub(super) fn set_status(id: i64, status: Status) -> Request {
    Request::ChangeTask { project: PROJECT, task: id, value: None, status: Some(status), if_match: None }
}

/// The task after a change of its status, with the description of its creation.
pub(super) fn shown_with(id: i64, version: i64, status: Status) -> Outcome {
    let task = Task { status, version, ..task(id, 1) };
    Outcome::Task { task, etag: Some(version), replayed: false }
}

pub(super) fn read(id: i64) -> Request {
    Request::ReadTask { project: PROJECT, task: id, if_none_match: None }
}

pub(super) fn delete(id: i64) -> Request {
    Request::DeleteTask { project: PROJECT, task: id, if_match: None }
}

pub(super) fn list() -> Request {
    Request::ListTasks { project: PROJECT, after: None }
}

/// The only page of a list, of ids with versions.
pub(super) fn page<const N: usize>(tasks: [(i64, i64); N]) -> Outcome {
    Outcome::Tasks { tasks: tasks.map(|(id, version)| task(id, version)).into(), has_more: false }
}

pub(super) fn unknown() -> Outcome {
    Outcome::Unknown { why: "timeout".to_owned() }
}

pub(super) fn refused(status: u16, code: &str) -> Outcome {
    Outcome::Refused { status, code: code.to_owned() }
}

pub(super) fn comment_on(task: i64, comment: i64) -> Request {
    Request::CreateComment { project: PROJECT, task, body: format!("Comment {comment}"), key: None }
}

pub(super) fn comment(id: i64) -> Comment {
    Comment { id, body: format!("Comment {id}") }
}

pub(super) fn commented(id: i64) -> Outcome {
    Outcome::Comment { comment: comment(id), replayed: false }
}

/// Notifications of comments on task 1, of numbers with ids.
pub(super) fn notified<const N: usize>(notifications: [(i64, i64); N]) -> Outcome {
    let added = |(seq, comment)| Notification { seq, content: NotificationContent::CommentAdded { task: 1, comment } };
    Outcome::Notifications { notifications: notifications.map(added).into() }
}

pub(super) fn changes(since: Option<&str>) -> Request {
    Request::Changes { since: since.map(str::to_owned) }
}

/// The last page of the feed.
pub(super) fn changed(changes: &[Change], cursor: &str) -> Outcome {
    Outcome::Changes { changes: changes.to_vec(), cursor: cursor.to_owned(), has_more: false }
}

pub(super) fn put(id: i64, version: i64) -> Change {
    Change::PutTask { project: PROJECT, task: task(id, version) }
}

pub(super) fn put_project() -> Change {
    Change::PutProject { project: PROJECT }
}

pub(super) fn refresh(token: &str, session: &str) -> Request {
    Request::Refresh { token: token.to_owned(), session: session.to_owned() }
}

pub(super) fn tokens(session: &str, refresh_token: &str) -> Outcome {
    Outcome::Tokens { session: session.to_owned(), refresh_token: refresh_token.to_owned() }
}

pub(super) fn statistics(todo: i64, in_progress: i64, done: i64) -> Outcome {
    Outcome::Statistics { todo, in_progress, done, total: todo + in_progress + done }
}
