//! Domain events. They are committed with the change that causes them (transactional outbox) and dispatched afterwards
//! to notifications, statistics, mail, webhooks and the change feed.
//!
//! An event holds copies of titles and names, so that it is complete after the task was deleted.

mod change;
mod recorded;
mod things;
mod touched;

pub use change::{Change, ProjectChanged};
pub use touched::Touched;

use crate::{
    Timestamp,
    due::Due,
    id::{CommentId, ProjectId, TaskId, UserId},
    membership::GrantedRole,
    task::TaskStatus,
    text::{ProjectName, TaskTitle},
};

/// The task of an event, with copies of what notifications need.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TaskRef {
    pub task_id: TaskId,
    pub title: TaskTitle,
    pub project_id: ProjectId,
    pub project: ProjectName,
    /// The project's owner.
    pub owner_id: UserId,
}

/// A committed change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(untagged))]
pub enum Event {
    Task(TaskEvent),
    ProjectShared(ProjectShared),
    Change(ProjectChanged),
    Touched(Touched),
}

/// A committed change of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TaskEvent {
    pub task: TaskRef,
    /// The user who caused it; the project's owner for a reminder, which nobody causes.
    pub actor_id: UserId,
    pub at: Timestamp,
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub kind: TaskEventKind,
}

/// The kind of a task's event, with its data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum TaskEventKind {
    TaskCreated {
        status: TaskStatus,
    },
    TaskAssigned {
        assignee_id: UserId,
    },
    StatusChanged {
        old: TaskStatus,
        new: TaskStatus,
        /// The assignee after the change.
        assignee_id: Option<UserId>,
    },
    TaskDeleted {
        /// The status that the task had last.
        status: TaskStatus,
    },
    CommentAdded {
        comment_id: CommentId,
        /// The task's assignee at that time.
        assignee_id: Option<UserId>,
    },
    /// A reminder's time has come.
    ReminderDue {
        /// The task's assignee at that time.
        assignee_id: Option<UserId>,
        due: Option<Due>,
    },
}

impl TaskEvent {
    /// The event of a reminder that is given at `at`.
    pub fn of_reminder(task: TaskRef, assignee_id: Option<UserId>, due: Option<Due>, at: Timestamp) -> Self {
        Self { actor_id: task.owner_id, task, at, kind: TaskEventKind::ReminderDue { assignee_id, due } }
    }
}

/// A user became a member of a project by another's act.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ProjectShared {
    pub project_id: ProjectId,
    /// The project's name.
    pub project: ProjectName,
    /// The new member.
    pub user_id: UserId,
    pub role: GrantedRole,
    pub actor_id: UserId,
    pub at: Timestamp,
}

impl TaskEventKind {
    /// The [`name`](Self::name) of a reminder's event.
    pub const REMINDER_DUE: &'static str = "reminder_due";

    /// The name that storage keeps.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TaskCreated { .. } => "task_created",
            Self::TaskAssigned { .. } => "task_assigned",
            Self::StatusChanged { .. } => "status_changed",
            Self::TaskDeleted { .. } => "task_deleted",
            Self::CommentAdded { .. } => "comment_added",
            Self::ReminderDue { .. } => Self::REMINDER_DUE,
        }
    }
}

impl Event {
    /// The name that storage keeps.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Task(event) => event.kind.name(),
            Self::ProjectShared(_) => "project_shared",
            Self::Change(_) => ProjectChanged::NAME,
            Self::Touched(_) => Touched::NAME,
        }
    }

    /// The user who caused it, see [`TaskEvent::actor_id`]; `None` for [`Touched`], which has no other consequence than a
    /// change in the feed.
    pub const fn actor_id(&self) -> Option<UserId> {
        match self {
            Self::Task(event) => Some(event.actor_id),
            Self::ProjectShared(event) => Some(event.actor_id),
            Self::Change(event) => Some(event.actor_id),
            Self::Touched(_) => None,
        }
    }

    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Task(event) => event.at,
            Self::ProjectShared(event) => event.at,
            Self::Change(event) => event.at,
            Self::Touched(event) => event.at,
        }
    }
}

impl From<TaskEvent> for Event {
    fn from(event: TaskEvent) -> Self {
        Self::Task(event)
    }
}

impl From<ProjectShared> for Event {
    fn from(event: ProjectShared) -> Self {
        Self::ProjectShared(event)
    }
}

impl From<ProjectChanged> for Event {
    fn from(event: ProjectChanged) -> Self {
        Self::Change(event)
    }
}

impl From<Touched> for Event {
    fn from(event: Touched) -> Self {
        Self::Touched(event)
    }
}

#[cfg(test)]
mod tests;
