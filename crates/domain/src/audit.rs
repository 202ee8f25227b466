//! Who did what: the lines of the audit, each written with what it tells of, or soon after.

use crate::{
    Timestamp,
    id::{AuditId, CommentId, ProjectId, TaskId, UserId},
    policy::{Action, Actor},
    project::Project,
    task::{NewTask, Task},
    text::Description,
    user::User,
    word::words,
};
use std::{fmt, net::IpAddr};

/// What was done, or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuditAction {
    /// A session began.
    Login,
    /// Unknown email, wrong password, or an account that may not log in.
    LoginFailed,
    /// A session ended by its user's wish.
    Logout,
    /// A refresh token was refused.
    RefreshFailed,
    /// A request was refused with 403.
    Forbidden,
    /// A request was refused with 429.
    RateLimited,
    /// An address had more refusals within an hour than are written one by one.
    RefusalsCounted,
    /// An account was made on the command line.
    UserCreated,
    /// An administrator changed an account.
    UserUpdated,
    /// A password was set on the command line.
    PasswordSet,
    /// An administrator changed somebody else's project.
    ProjectUpdated,
    /// An administrator deleted somebody else's project.
    ProjectDeleted,
    /// An administrator added a task to somebody else's project.
    TaskCreated,
    /// An administrator changed a task of others.
    TaskUpdated,
    /// An administrator deleted a task of somebody else's project.
    TaskDeleted,
    /// An administrator commented on a task of others.
    CommentCreated,
    /// An administrator deleted somebody else's comment.
    CommentDeleted,
}

words!(AuditAction {
    Login = "login",
    LoginFailed = "login.failed",
    Logout = "logout",
    RefreshFailed = "refresh.failed",
    Forbidden = "request.forbidden",
    RateLimited = "request.rate_limited",
    RefusalsCounted = "refusals.counted",
    UserCreated = "user.created",
    UserUpdated = "user.updated",
    PasswordSet = "user.password_set",
    ProjectUpdated = "project.updated",
    ProjectDeleted = "project.deleted",
    TaskCreated = "task.created",
    TaskUpdated = "task.updated",
    TaskDeleted = "task.deleted",
    CommentCreated = "comment.created",
    CommentDeleted = "comment.deleted",
});

impl AuditAction {
    /// Whether it is counted by its address: anybody can make many of them.
    pub const fn is_refusal(self) -> bool {
        matches!(self, Self::LoginFailed | Self::RefreshFailed | Self::Forbidden | Self::RateLimited)
    }
}

/// What something was done to. Its text is like `user/5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuditObject {
    /// An account.
    User(UserId),
    /// A project.
    Project(ProjectId),
    /// A task.
    Task(TaskId),
    /// A comment.
    Comment(CommentId),
}

impl fmt::Display for AuditObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user/{id}"),
            Self::Project(id) => write!(f, "project/{id}"),
            Self::Task(id) => write!(f, "task/{id}"),
            Self::Comment(id) => write!(f, "comment/{id}"),
        }
    }
}

/// Where a request came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The client's address; absent on the command line.
    pub ip: Option<IpAddr>,
    /// The `X-Request-Id` of its answer; absent on the command line.
    pub request_id: Option<String>,
}

/// A value of a field, before or after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditValue {
    /// There is none.
    Null,
    /// A text; a long one is cut.
    Text(String),
    /// A yes or no.
    Bool(bool),
    /// An id or a number.
    Number(i64),
}

/// Characters of a text that a line keeps: lines are many, and kept for long.
const TEXT: usize = 200;

impl From<&str> for AuditValue {
    fn from(text: &str) -> Self {
        Self::Text(match text.char_indices().nth(TEXT) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text.to_owned(),
        })
    }
}

impl From<bool> for AuditValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for AuditValue {
    fn from(value: i64) -> Self {
        Self::Number(value)
    }
}

impl<T: Into<Self>> From<Option<T>> for AuditValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What changed from what to what, by field. Never holds a secret: whoever makes one names each field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditChanges(pub Vec<(&'static str, AuditValue, AuditValue)>);

impl AuditChanges {
    /// With a field, unless its value stays.
    #[must_use]
    pub fn field(mut self, name: &'static str, before: impl Into<AuditValue>, after: impl Into<AuditValue>) -> Self {
        let (before, after) = (before.into(), after.into());
        if before != after {
            self.0.push((name, before, after));
        }
        self
    }

    /// With a field of something new.
    #[must_use]
    pub fn set(self, name: &'static str, after: impl Into<AuditValue>) -> Self {
        self.field(name, AuditValue::Null, after)
    }

    /// With a field of something that goes.
    #[must_use]
    pub fn unset(self, name: &'static str, before: impl Into<AuditValue>) -> Self {
        self.field(name, before, AuditValue::Null)
    }
}

/// What acts of administrators change.
impl AuditChanges {
    /// Of an account.
    pub fn of_user(before: &User, after: &User) -> Self {
        Self::default()
            .field("email", before.email.as_str(), after.email.as_str())
            .field("display_name", before.display_name.as_str(), after.display_name.as_str())
            .field("role", before.role.as_str(), after.role.as_str())
            .field("is_active", before.is_active, after.is_active)
    }

    /// Of a project.
    pub fn of_project(before: &Project, after: &Project) -> Self {
        let description = |project: &Project| AuditValue::from(project.description.as_ref().map(Description::as_str));
        Self::default()
            .field("name", before.name.as_str(), after.name.as_str())
            .field("description", description(before), description(after))
            .field("status", before.status.as_str(), after.status.as_str())
    }

    /// Of a project that goes.
    pub fn of_deleted_project(project: &Project) -> Self {
        Self::default().unset("name", project.name.as_str()).unset("owner_id", project.owner_id.get())
    }

    /// Of a task.
    pub fn of_task(before: &Task, after: &Task) -> Self {
        let description = |task: &Task| AuditValue::from(task.description.as_ref().map(Description::as_str));
        Self::default()
            .field("title", before.title.as_str(), after.title.as_str())
            .field("description", description(before), description(after))
            .field("status", before.status.as_str(), after.status.as_str())
            .field("priority", before.priority.as_str(), after.priority.as_str())
            .field("assignee_id", before.assignee_id.map(UserId::get), after.assignee_id.map(UserId::get))
    }

    /// Of a task that is made.
    pub fn of_new_task(task: &NewTask) -> Self {
        Self::default()
            .set("title", task.title.as_str())
            .set("project_id", task.project.id.get())
            .set("status", task.status.as_str())
            .set("priority", task.priority.as_str())
            .set("assignee_id", task.assignee_id.map(UserId::get))
    }

    /// Of a task that goes.
    pub fn of_deleted_task(task: &Task) -> Self {
        Self::default().unset("title", task.title.as_str()).unset("project_id", task.project_id.get())
    }
}

// @spec SPEC-018
/// A line of the audit, before it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When it happened.
    pub at: Timestamp,
    /// Who did it; absent where nobody proved who they are, and on the command line.
    pub actor_id: Option<UserId>,
    /// What was done.
    pub action: AuditAction,
    /// What it was done to, where that is known. Absent where it is made in the same commit, which then fills it in.
    pub object: Option<AuditObject>,
    /// What changed.
    pub changes: AuditChanges,
    /// Where the request came from.
    pub origin: Origin,
}

impl AuditEntry {
    /// A line without an object and without changes.
    pub fn new(at: Timestamp, actor_id: Option<UserId>, action: AuditAction, origin: Origin) -> Self {
        Self { at, actor_id, action, object: None, changes: AuditChanges::default(), origin }
    }

    /// The line of what `actor` may do by its role alone; `None` where it may anyway.
    pub fn by_role(
        actor: Actor,
        permission: Action,
        at: Timestamp,
        action: AuditAction,
        origin: &Origin,
    ) -> Option<Self> {
        actor.needs_role(permission).then(|| Self::new(at, Some(actor.id), action, origin.clone()))
    }

    /// With an object.
    #[must_use]
    pub fn about(self, object: AuditObject) -> Self {
        Self { object: Some(object), ..self }
    }

    /// With changes.
    #[must_use]
    pub fn changing(self, changes: AuditChanges) -> Self {
        Self { changes, ..self }
    }
}

/// A line of the audit as it was written, maybe by another release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Of the line.
    pub id: AuditId,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it, where it is known.
    pub actor_id: Option<UserId>,
    /// What was done.
    pub action: String,
    /// What it was done to.
    pub object: Option<String>,
    /// What changed, as the text of a JSON object: `{field: [before, after]}`.
    pub changes: String,
    /// Where the request came from.
    pub ip: Option<String>,
    /// The `X-Request-Id` of its answer.
    pub request_id: Option<String>,
}

/// Which lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only what this user did.
    pub actor_id: Option<UserId>,
    /// Only what was done to this object, by its text.
    pub object: Option<String>,
    /// Only what happened then or later.
    pub since: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fields_that_change_are_kept() {
        let changes = AuditChanges::default()
            .field("name", "Ann", "Ann")
            .field("role", "user", "admin")
            .field("assignee_id", None::<i64>, Some(7))
            .set("is_active", true);
        let expected = [
            ("role", AuditValue::Text("user".to_owned()), AuditValue::Text("admin".to_owned())),
            ("assignee_id", AuditValue::Null, AuditValue::Number(7)),
            ("is_active", AuditValue::Null, AuditValue::Bool(true)),
        ];
        assert_eq!(changes.0, expected);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let AuditValue::Text(text) = AuditValue::from("ß".repeat(201).as_str()) else { panic!("no text") };
        assert_eq!(text, format!("{}…", "ß".repeat(200)));
        assert_eq!(AuditValue::from("ß".repeat(200).as_str()), AuditValue::Text("ß".repeat(200)));
    }

    #[test]
    fn an_object_is_a_word_and_an_id() {
        let objects = [
            AuditObject::User(UserId::new(5)),
            AuditObject::Project(ProjectId::new(6)),
            AuditObject::Task(TaskId::new(7)),
            AuditObject::Comment(CommentId::new(8)),
        ];
        assert_eq!(objects.map(|object| object.to_string()), ["user/5", "project/6", "task/7", "comment/8"]);
    }
}
