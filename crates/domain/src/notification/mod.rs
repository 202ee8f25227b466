//! Notifications about other users' actions. Each user's are numbered 1, 2, 3 … without a gap, so that a client can
//! detect what it has missed.

use crate::{
    Timestamp,
    audience::Audience,
    due::Due,
    event::{Event, TaskEvent, TaskEventKind, TaskRef},
    id::{CommentId, ProjectId, TaskId, UserId},
    membership::GrantedRole,
    task::TaskStatus,
    text::{DisplayName, ProjectName, TaskTitle},
};

/// A task with copies of its title and its project's name at the time of the event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TaskNames {
    pub task_id: TaskId,
    pub task: TaskTitle,
    pub project_id: ProjectId,
    pub project: ProjectName,
}

impl From<&TaskRef> for TaskNames {
    fn from(task: &TaskRef) -> Self {
        Self {
            task_id: task.task_id,
            task: task.title.clone(),
            project_id: task.project_id,
            project: task.project.clone(),
        }
    }
}

/// The type of a notification, with its data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", content = "data", rename_all = "snake_case")
)]
pub enum NotificationContent {
    /// The user is the task's new assignee.
    TaskAssigned {
        #[cfg_attr(feature = "serde", serde(flatten))]
        task: TaskNames,
        assigned_by: DisplayName,
    },
    CommentAdded {
        #[cfg_attr(feature = "serde", serde(flatten))]
        task: TaskNames,
        comment_id: CommentId,
        author: DisplayName,
    },
    StatusChanged {
        #[cfg_attr(feature = "serde", serde(flatten))]
        task: TaskNames,
        old: TaskStatus,
        new: TaskStatus,
        changed_by: DisplayName,
    },
    /// The user became a member of the project.
    ProjectShared { project_id: ProjectId, project: ProjectName, role: GrantedRole, shared_by: DisplayName },
    /// A reminder of a task, which nobody caused.
    TaskReminder {
        #[cfg_attr(feature = "serde", serde(flatten))]
        task: TaskNames,
        due: Option<Due>,
    },
}

impl NotificationContent {
    /// Every [`name`](Self::name).
    pub const NAMES: [&'static str; 5] =
        ["task_assigned", "comment_added", "status_changed", "project_shared", "task_reminder"];

    /// The `type` in the API; see `docs/api.md`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TaskAssigned { .. } => Self::NAMES[0],
            Self::CommentAdded { .. } => Self::NAMES[1],
            Self::StatusChanged { .. } => Self::NAMES[2],
            Self::ProjectShared { .. } => Self::NAMES[3],
            Self::TaskReminder { .. } => Self::NAMES[4],
        }
    }

    /// The name of the user who acted; `None` where nobody did.
    pub const fn actor(&self) -> Option<&DisplayName> {
        match self {
            Self::TaskAssigned { assigned_by: name, .. }
            | Self::CommentAdded { author: name, .. }
            | Self::StatusChanged { changed_by: name, .. }
            | Self::ProjectShared { shared_by: name, .. } => Some(name),
            Self::TaskReminder { .. } => None,
        }
    }

    /// Replaces the name of the user who acted.
    pub fn set_actor(&mut self, name: DisplayName) {
        match self {
            Self::TaskAssigned { assigned_by: actor, .. }
            | Self::CommentAdded { author: actor, .. }
            | Self::StatusChanged { changed_by: actor, .. }
            | Self::ProjectShared { shared_by: actor, .. } => *actor = name,
            Self::TaskReminder { .. } => {}
        }
    }
}

/// A stored notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Counts the user's notifications from 1, without a gap.
    pub seq: i64,
    pub content: NotificationContent,
    pub at: Timestamp,
    pub read: bool,
}

/// A notification that is not yet stored and numbered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotification {
    /// The user who receives the notification.
    pub user_id: UserId,
    /// The user who acted, whose name is in the content. For a reminder it is the project's owner.
    pub actor_id: UserId,
    pub content: NotificationContent,
    pub at: Timestamp,
}

impl NewNotification {
    /// The access that the recipient must have when the notification is stored.
    pub const fn audience(&self) -> Audience {
        let user_id = self.user_id;
        match &self.content {
            NotificationContent::TaskAssigned { task, .. }
            | NotificationContent::CommentAdded { task, .. }
            | NotificationContent::StatusChanged { task, .. }
            | NotificationContent::TaskReminder { task, .. } => {
                Audience { user_id, project_id: task.project_id, task_id: Some(task.task_id) }
            }
            NotificationContent::ProjectShared { project_id, .. } => {
                Audience { user_id, project_id: *project_id, task_id: None }
            }
        }
    }
}

/// The sequence number of a user's latest notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotificationHead {
    pub user_id: UserId,
    pub seq: i64,
}

// @spec SPEC-005
/// The notifications that an event causes; `actor` is the name of its actor. Nobody is notified of their own action, or
/// twice. A reminder is no action.
pub fn notifications_of(event: &Event, actor: &DisplayName) -> Vec<NewNotification> {
    let notified = match event {
        Event::Task(event) => of_task(event, actor),
        Event::ProjectShared(event) => {
            let content = NotificationContent::ProjectShared {
                project_id: event.project_id,
                project: event.project.clone(),
                role: event.role,
                shared_by: actor.clone(),
            };
            Some(([None, Some(event.user_id)], content))
        }
        Event::Change(_) | Event::Touched(_) => None,
    };
    let (Some(([first, second], content)), Some(actor_id)) = (notified, event.actor_id()) else { return Vec::new() };
    let at = event.at();
    let is_action = content.actor().is_some();
    [first, second.filter(|_| second != first)]
        .into_iter()
        .flatten()
        .filter(|user| !is_action || *user != actor_id)
        .map(|user_id| NewNotification { user_id, actor_id, content: content.clone(), at })
        .collect()
}

/// The recipients and the content for a task's event; `None` where nobody is notified.
fn of_task(event: &TaskEvent, actor: &DisplayName) -> Option<([Option<UserId>; 2], NotificationContent)> {
    let task = TaskNames::from(&event.task);
    let owner = Some(event.task.owner_id);
    match event.kind {
        TaskEventKind::TaskAssigned { assignee_id } => {
            Some(([None, Some(assignee_id)], NotificationContent::TaskAssigned { task, assigned_by: actor.clone() }))
        }
        TaskEventKind::StatusChanged { old, new, assignee_id } => {
            let content = NotificationContent::StatusChanged { task, old, new, changed_by: actor.clone() };
            Some(([owner, assignee_id], content))
        }
        TaskEventKind::CommentAdded { comment_id, assignee_id } => {
            Some(([owner, assignee_id], NotificationContent::CommentAdded { task, comment_id, author: actor.clone() }))
        }
        TaskEventKind::ReminderDue { assignee_id, due } => {
            Some(([assignee_id.or(owner), None], NotificationContent::TaskReminder { task, due }))
        }
        TaskEventKind::TaskCreated { .. } | TaskEventKind::TaskDeleted { .. } => None,
    }
}

#[cfg(test)]
mod tests;
