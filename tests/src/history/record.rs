//! What a history is made of: each request of a load with its answer and both times.
//!
//! What makes a history checkable:
//!
//! - A client sends one request after the other. A stream has a client of its own.
//! - Each creation of a task has a title of its own, which nothing changes. Several requests have one title only if they
//!   are retries with one `Idempotency-Key`. Each change of a description has a value of its own. So each answer shows which
//!   requests came before it.
//! - Nothing else changes these tasks: no moves, labels, assignments, tasks under others, archived or deleted projects.
//! - A project keeps its owner. Members come and go by [`Request::AddMember`] and [`Request::RemoveMember`] alone.
//! - A session ends by [`Request::EndSession`] or a reused refresh token alone: a user has fewer than the 50 at which the
//!   oldest ends.

use serde::{Deserialize, Serialize};

/// A time in nanoseconds since the history began, of one monotonic clock.
pub type Nanos = u64;

/// One request and its answer. It is one line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    pub client: u32,
    /// The number of the node that it was sent to. Of a fault, the node that it hits.
    pub node: u32,
    /// The sender. `None` if the request has no access token.
    pub caller: Option<Caller>,
    /// Just before the request was sent.
    pub called: Nanos,
    /// When its answer was there, or was given up.
    pub returned: Nanos,
    pub request: Request,
    pub outcome: Outcome,
}

/// The user and the session of an access token.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Caller {
    pub user: i64,
    /// The `sid` of the token.
    pub session: String,
}

/// A request with what is checked of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Request {
    /// `POST /projects`. The caller becomes the owner, whom notifications are for.
    CreateProject,
    /// `POST /projects/{project}/tasks`. `value` is the description.
    CreateTask { project: i64, title: String, value: Option<String>, status: Status, key: Option<String> },
    /// `GET /tasks/{task}`, with `If-None-Match` if a version is given.
    ReadTask { project: i64, task: i64, if_none_match: Option<i64> },
    /// `PATCH /tasks/{task}` of the description, the status or both.
    ChangeTask { project: i64, task: i64, value: Option<String>, status: Option<Status>, if_match: Option<i64> },
    /// `DELETE /tasks/{task}`.
    DeleteTask { project: i64, task: i64, if_match: Option<i64> },
    /// One page of `GET /projects/{project}/tasks` without a filter, by ascending id: those after the id `after`.
    ListTasks { project: i64, after: Option<i64> },
    /// `POST /tasks/{task}/comments`. `body` is of this comment alone, but for retries with its key.
    CreateComment { project: i64, task: i64, body: String, key: Option<String> },
    /// One page of `GET /tasks/{task}/comments`.
    ListComments { project: i64, task: i64, after: Option<i64> },
    /// `GET /projects/{project}/stats`.
    Statistics { project: i64 },
    /// `PUT /projects/{project}/members/{user}`.
    AddMember { project: i64, user: i64 },
    /// `DELETE /projects/{project}/members/{user}`.
    RemoveMember { project: i64, user: i64 },
    /// `POST /auth/login` and registration with the first login, for `user`.
    LogIn { user: i64 },
    /// `POST /auth/refresh`. `token` is the token's `jti`, `session` its `sid`.
    Refresh { token: String, session: String },
    /// `POST /auth/logout` or `DELETE /auth/sessions/{id}`.
    EndSession { session: String },
    /// `GET /auth/me`.
    WhoAmI,
    /// All pages of `GET /notifications`, turned to ascending `seq`.
    ListNotifications,
    /// A connection to `/ws` or `/events` with `since`, from its opening to its end.
    FollowNotifications { since: Option<i64> },
    /// `GET /changes`, with the cursor of the answer before.
    Changes { since: Option<String> },
    /// No request: a fault that lasted from `called` to `returned`. Its outcome is `Done`.
    Fault { what: String },
}

/// What is known of the outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Outcome {
    /// There was no complete answer: a timeout, a lost connection. The request may take effect at any later time, or never.
    Unknown {
        why: String,
    },
    /// An answer of 400 or above. From 500 on it may have an effect all the same.
    Refused {
        status: u16,
        code: String,
    },
    /// A success whose payload isn't checked.
    Done,
    /// 304.
    NotModified,
    Project {
        id: i64,
    },
    /// `etag` is the number in the header `ETag`.
    Task {
        task: Task,
        etag: Option<i64>,
        replayed: bool,
    },
    /// `tasks` in the order of the page.
    Tasks {
        tasks: Vec<Task>,
        has_more: bool,
    },
    Comment {
        comment: Comment,
        replayed: bool,
    },
    Comments {
        comments: Vec<Comment>,
        has_more: bool,
    },
    Statistics {
        todo: i64,
        in_progress: i64,
        done: i64,
        total: i64,
    },
    /// The `sid` of the new tokens, and the `jti` of the refresh token.
    Tokens {
        session: String,
        refresh_token: String,
    },
    /// In the order in which they were received.
    Notifications {
        notifications: Vec<Notification>,
    },
    /// In the order of the answer.
    Changes {
        changes: Vec<Change>,
        cursor: String,
        has_more: bool,
    },
}

/// A task as an answer shows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Task {
    pub id: i64,
    pub title: String,
    /// Its description.
    pub value: Option<String>,
    pub status: Status,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Todo,
    InProgress,
    Done,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Comment {
    pub id: i64,
    pub body: String,
}

/// A notification with what is checked of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Notification {
    pub seq: i64,
    pub content: NotificationContent,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum NotificationContent {
    CommentAdded {
        task: i64,
        comment: i64,
    },
    StatusChanged {
        task: i64,
        old: Status,
        new: Status,
    },
    /// Any other, with its whole `data` as text.
    Other {
        name: String,
        data: String,
    },
}

/// A change of the feed with what is checked of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    PutTask {
        project: i64,
        task: Task,
    },
    DeleteTask {
        project: i64,
        task: i64,
    },
    PutComment {
        project: i64,
        comment: Comment,
    },
    /// The caller gained the project, or it changed.
    PutProject {
        project: i64,
    },
    /// The caller lost the project, which stands for all in it.
    DeleteProject {
        project: i64,
    },
    /// Any other: of members and labels.
    Other {
        name: String,
    },
}

impl Operation {
    /// Whether its outcome is unknown.
    pub fn is_unknown(&self) -> bool {
        self.outcome.is_unknown()
    }

    /// Whether it was answered with success.
    pub fn is_success(&self) -> bool {
        !matches!(self.outcome, Outcome::Unknown { .. } | Outcome::Refused { .. })
    }

    /// Whether it was refused with this status, and so had no effect if the status is below 500.
    pub fn is_refused(&self, with: u16) -> bool {
        matches!(&self.outcome, Outcome::Refused { status, .. } if *status == with)
    }
}

impl Outcome {
    /// Whether the request may still take effect after it returned, or may have had one without saying so.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown { .. } => true,
            Self::Refused { status, .. } => *status >= 500,
            _ => false,
        }
    }
}

impl Request {
    /// The project that the request reads or changes.
    pub fn project(&self) -> Option<i64> {
        match self {
            Self::CreateTask { project, .. }
            | Self::ReadTask { project, .. }
            | Self::ChangeTask { project, .. }
            | Self::DeleteTask { project, .. }
            | Self::ListTasks { project, .. }
            | Self::CreateComment { project, .. }
            | Self::ListComments { project, .. }
            | Self::Statistics { project }
            | Self::AddMember { project, .. }
            | Self::RemoveMember { project, .. } => Some(*project),
            Self::CreateProject
            | Self::LogIn { .. }
            | Self::Refresh { .. }
            | Self::EndSession { .. }
            | Self::WhoAmI
            | Self::ListNotifications
            | Self::FollowNotifications { .. }
            | Self::Changes { .. }
            | Self::Fault { .. } => None,
        }
    }

    /// Whether it may change a task, or make or delete one.
    pub fn writes_task(&self) -> bool {
        matches!(self, Self::CreateTask { .. } | Self::ChangeTask { .. } | Self::DeleteTask { .. })
    }
}
