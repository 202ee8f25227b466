//! The types of what a webhook receives.

use crate::{field::Invalid, string_enum::string_enum};
use std::{fmt, str::FromStr};

/// A change that a webhook can subscribe to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WebhookEventType {
    TaskCreated,
    TaskUpdated,
    TaskDeleted,
    CommentCreated,
    CommentDeleted,
    ProjectUpdated,
    MemberAdded,
    MemberRemoved,
}

string_enum!(WebhookEventType {
    TaskCreated = "task.created",
    TaskUpdated = "task.updated",
    TaskDeleted = "task.deleted",
    CommentCreated = "comment.created",
    CommentDeleted = "comment.deleted",
    ProjectUpdated = "project.updated",
    MemberAdded = "member.added",
    MemberRemoved = "member.removed",
});

/// The types that a webhook subscribes to: at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookTypes(Vec<WebhookEventType>);

impl WebhookTypes {
    /// Every type.
    pub fn all() -> Self {
        Self(WebhookEventType::ALL.to_vec())
    }

    /// Accepts at least one type. Equal ones collapse.
    pub fn parse(mut types: Vec<WebhookEventType>) -> Result<Self, Invalid> {
        types.sort_unstable();
        types.dedup();
        if types.is_empty() { Err(Invalid::new("too_few", "must have at least 1 element")) } else { Ok(Self(types)) }
    }

    /// The types in the order of [`WebhookEventType::ALL`].
    pub fn as_slice(&self) -> &[WebhookEventType] {
        &self.0
    }

    pub fn contains(&self, kind: WebhookEventType) -> bool {
        self.0.contains(&kind)
    }
}

impl fmt::Display for WebhookTypes {
    /// Writes the types with a space between, which is the form in storage and in the audit log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, kind) in self.0.iter().enumerate() {
            let separator = if place == 0 { "" } else { " " };
            write!(f, "{separator}{kind}")?;
        }
        Ok(())
    }
}

impl FromStr for WebhookTypes {
    type Err = Invalid;

    /// Parses what [`Display`](fmt::Display) writes.
    fn from_str(raw: &str) -> Result<Self, Invalid> {
        let types: Result<Vec<WebhookEventType>, Invalid> = raw.split_whitespace().map(str::parse).collect();
        types.and_then(Self::parse)
    }
}

/// The type of a delivery: a change, or a ping, which is sent whatever a webhook subscribes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryType {
    Change(WebhookEventType),
    Ping,
}

impl DeliveryType {
    const PING: &'static str = "ping";

    /// The `type` in the API and in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Change(kind) => kind.as_str(),
            Self::Ping => Self::PING,
        }
    }
}

impl FromStr for DeliveryType {
    type Err = Invalid;

    fn from_str(raw: &str) -> Result<Self, Invalid> {
        if raw == Self::PING { Ok(Self::Ping) } else { raw.parse().map(Self::Change) }
    }
}

impl fmt::Display for DeliveryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
