//! The audit log: a durable record of administrators' changes, logins, logouts and refused requests.

mod action;

pub use action::AuditAction;

use crate::{
    Timestamp,
    id::{ApiTokenId, AuditId, CommentId, LabelId, ProjectId, TaskId, UserId, WebhookId},
    policy::{Action, Actor},
};
use std::{fmt, net::IpAddr};

/// The entity that an action changed. Its text form is like `user/5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuditObject {
    User(UserId),
    Project(ProjectId),
    Label(LabelId),
    Task(TaskId),
    Comment(CommentId),
    ApiToken(ApiTokenId),
    Webhook(WebhookId),
}

impl fmt::Display for AuditObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user/{id}"),
            Self::Project(id) => write!(f, "project/{id}"),
            Self::Label(id) => write!(f, "label/{id}"),
            Self::Task(id) => write!(f, "task/{id}"),
            Self::Comment(id) => write!(f, "comment/{id}"),
            Self::ApiToken(id) => write!(f, "token/{id}"),
            Self::Webhook(id) => write!(f, "webhook/{id}"),
        }
    }
}

/// The request that caused an entry. Both fields are absent for the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    pub ip: Option<IpAddr>,
    /// Equals the `X-Request-Id` header of the response.
    pub request_id: Option<String>,
}

/// A field's value before or after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditValue {
    Null,
    /// A text, cut after 200 characters.
    Text(String),
    Bool(bool),
    Number(i64),
}

/// Most characters of a text in an entry: there are many entries, and they are kept for long.
const MAX_TEXT: usize = 200;

impl From<&str> for AuditValue {
    fn from(text: &str) -> Self {
        Self::Text(match text.char_indices().nth(MAX_TEXT) {
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

/// The fields of entries about an account that identify its owner. Their values become [`AuditValue::Null`] when the
/// account is erased.
pub const PERSONAL_FIELDS: [&str; 2] = ["email", "display_name"];

/// Name, old value and new value of each changed field. Callers name each field, so that no secret gets in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditChanges(pub Vec<(&'static str, AuditValue, AuditValue)>);

impl AuditChanges {
    /// Adds a field, unless both values are equal.
    #[must_use]
    pub fn field(mut self, name: &'static str, before: impl Into<AuditValue>, after: impl Into<AuditValue>) -> Self {
        let (before, after) = (before.into(), after.into());
        if before != after {
            self.0.push((name, before, after));
        }
        self
    }

    /// Adds a field of a created entity.
    #[must_use]
    pub fn set(self, name: &'static str, after: impl Into<AuditValue>) -> Self {
        self.field(name, AuditValue::Null, after)
    }

    /// Adds a field of a deleted entity.
    #[must_use]
    pub fn unset(self, name: &'static str, before: impl Into<AuditValue>) -> Self {
        self.field(name, before, AuditValue::Null)
    }
}

// @spec SPEC-018
/// An audit entry that is not yet stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    pub at: Timestamp,
    /// Absent for an unauthenticated request and for the command line.
    pub actor_id: Option<UserId>,
    pub action: AuditAction,
    /// Absent where it is unknown, and where the same commit creates the entity: the repository fills in its id.
    pub object: Option<AuditObject>,
    pub changes: AuditChanges,
    pub origin: Origin,
}

impl AuditEntry {
    /// Creates an entry without object and changes.
    pub fn new(at: Timestamp, actor_id: Option<UserId>, action: AuditAction, origin: Origin) -> Self {
        Self { at, actor_id, action, object: None, changes: AuditChanges::default(), origin }
    }

    /// Creates an entry if `actor` is allowed `permission` by its role only; `None` where it is allowed as owner too.
    pub fn by_role(
        actor: &Actor,
        permission: Action,
        at: Timestamp,
        action: AuditAction,
        origin: &Origin,
    ) -> Option<Self> {
        actor.needs_role(permission).then(|| Self::new(at, Some(actor.id), action, origin.clone()))
    }

    #[must_use]
    pub fn with_object(self, object: AuditObject) -> Self {
        Self { object: Some(object), ..self }
    }

    #[must_use]
    pub fn with_changes(self, changes: AuditChanges) -> Self {
        Self { changes, ..self }
    }
}

/// A stored audit entry. Fields are texts, as another release may have written it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    pub id: AuditId,
    pub at: Timestamp,
    pub actor_id: Option<UserId>,
    pub action: String,
    pub object: Option<String>,
    /// A JSON object: `{field: [before, after]}`.
    pub changes: String,
    pub ip: Option<String>,
    pub request_id: Option<String>,
}

/// The entries that a list is limited to; all where nothing is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Selects entries that this user caused.
    pub actor_id: Option<UserId>,
    /// Selects entries about this [`AuditObject`], by its text form.
    pub object: Option<String>,
    /// Selects entries from this moment on.
    pub since: Option<Timestamp>,
}

#[cfg(test)]
mod tests;
