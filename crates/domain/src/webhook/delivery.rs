//! Deliveries: what webhooks send, with what came of it.

use super::{DeliveryType, Webhook};
use crate::{
    Timestamp,
    audit::AuditEntry,
    event::{Change, ProjectChanged},
    id::{DeliveryId, ProjectId, TaskId, UserId, WebhookId},
    person::Person,
    string_enum::string_enum,
    task::TaskProject,
    text::DisplayName,
};
use chrono::TimeDelta;
use std::fmt;

/// The most pings of a webhook that wait to be sent.
pub const MAX_PINGS: u32 = 10;

/// The most deliveries that are stored of a webhook. One more deletes the oldest that has ended, else the oldest one.
pub const MAX_DELIVERIES: u32 = 10_000;

/// How long deliveries are kept after they were delivered or failed.
pub const DELIVERY_RETENTION: TimeDelta = TimeDelta::days(30);

/// The state of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryStatus {
    /// It waits for its first or next attempt.
    Pending,
    Delivered,
    /// It is not attempted until its owner requests it.
    Failed,
}

string_enum!(DeliveryStatus { Pending = "pending", Delivered = "delivered", Failed = "failed" });

/// Identifies a message for its receiver: the `webhook-id` header of each attempt. Unique among all installations.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MessageId(String);

impl MessageId {
    /// Takes an id, which must be `msg_` and a random UUID in 32 hexadecimal digits.
    pub fn new(id: String) -> Self {
        Self(id)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Something that a webhook sends, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub webhook_id: WebhookId,
    pub kind: DeliveryType,
    pub status: DeliveryStatus,
    /// The number of attempts that ended.
    pub attempts: u32,
    /// The status of the last answer; absent where the last attempt got none.
    pub last_status: Option<u16>,
    /// Why the last attempt failed, or why there was none.
    pub last_error: Option<String>,
    /// Absent unless the delivery is pending.
    pub next_attempt_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

impl Delivery {
    /// The [`last_error`](Self::last_error) of what was pending when the receiver ended the webhook.
    pub const ENDED: &'static str = "the webhook was ended";

    /// The [`last_error`](Self::last_error) of what was pending when the webhook was deactivated.
    pub const INACTIVE: &'static str = "the webhook is not active";
}

/// A delivery with its webhook and project, read in one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryInProject {
    pub delivery: Delivery,
    pub webhook: Webhook,
    pub project: TaskProject,
}

/// What deliveries of one webhook are about. As long as nothing fails, those of one subject are sent in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliverySubject {
    /// The subject of changes of a task and its comments.
    Task(TaskId),
    /// The subject of changes of a project and its members.
    Project(ProjectId),
    /// The subject of pings.
    Webhook(WebhookId),
}

impl fmt::Display for DeliverySubject {
    /// Writes the form in storage, like `task/5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Task(id) => write!(f, "task/{id}"),
            Self::Project(id) => write!(f, "project/{id}"),
            Self::Webhook(id) => write!(f, "webhook/{id}"),
        }
    }
}

/// The content of a delivery. Storage keeps it until the delivery is deleted, and it is rendered for each attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum DeliveryContent {
    Change {
        /// The user who caused the change.
        actor: Person,
        at: Timestamp,
        change: Box<Change>,
    },
    Ping {
        webhook_id: WebhookId,
        at: Timestamp,
    },
}

impl DeliveryContent {
    pub fn kind(&self) -> DeliveryType {
        match self {
            Self::Change { change, .. } => DeliveryType::Change(change.kind()),
            Self::Ping { .. } => DeliveryType::Ping,
        }
    }

    /// The time of the change, or of the request for a ping.
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Change { at, .. } | Self::Ping { at, .. } => *at,
        }
    }

    /// The user who caused it; `None` for a ping.
    pub const fn actor_id(&self) -> Option<UserId> {
        match self {
            Self::Change { actor, .. } => Some(actor.id),
            Self::Ping { .. } => None,
        }
    }

    /// The user that the change itself names; see [`Change::person`].
    pub fn person(&self) -> Option<UserId> {
        match self {
            Self::Change { change, .. } => change.person(),
            Self::Ping { .. } => None,
        }
    }

    /// Replaces the name of this user wherever it is, the actor's too.
    pub fn rename(&mut self, user: UserId, name: &DisplayName) {
        match self {
            Self::Change { actor, change, .. } => {
                if actor.id == user {
                    actor.display_name = name.clone();
                }
                change.rename(user, name);
            }
            Self::Ping { .. } => {}
        }
    }
}

/// A change that a project's webhooks are sent: those that are active and have its type get a delivery each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelivery {
    pub project_id: ProjectId,
    /// The user who caused the change.
    pub actor: Person,
    pub at: Timestamp,
    pub change: Box<Change>,
}

impl NewDelivery {
    /// The delivery of an event; `actor` is the name of its actor.
    pub fn of(event: &ProjectChanged, actor: &DisplayName) -> Self {
        Self {
            project_id: event.project_id,
            actor: Person { id: event.actor_id, display_name: actor.clone() },
            at: event.at,
            change: event.change.clone(),
        }
    }

    pub fn subject(&self) -> DeliverySubject {
        self.change.task_id().map_or(DeliverySubject::Project(self.project_id), DeliverySubject::Task)
    }

    /// The content that each webhook's delivery has.
    pub fn content(&self) -> DeliveryContent {
        DeliveryContent::Change { actor: self.actor.clone(), at: self.at, change: self.change.clone() }
    }
}

/// A ping that is not yet stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPing {
    pub webhook_id: WebhookId,
    pub at: Timestamp,
    /// Maximum number of the webhook's pending pings, this one included.
    pub quota: u32,
    /// The audit entry that is committed with the ping.
    pub audit: Option<AuditEntry>,
}

impl NewPing {
    pub const fn subject(&self) -> DeliverySubject {
        DeliverySubject::Webhook(self.webhook_id)
    }

    pub const fn content(&self) -> DeliveryContent {
        DeliveryContent::Ping { webhook_id: self.webhook_id, at: self.at }
    }
}
