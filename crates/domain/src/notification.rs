//! Notifications about other users' actions. Each user's are numbered 1, 2, 3 … without a gap, so that a client can
//! detect what it has missed.

use crate::{
    Timestamp,
    event::{Event, EventKind, TaskRef},
    id::{CommentId, ProjectId, TaskId, UserId},
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
}

impl NotificationContent {
    /// Every [`name`](Self::name).
    pub const NAMES: [&'static str; 3] = ["task_assigned", "comment_added", "status_changed"];

    /// The `type` in the API; see `docs/api.md`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TaskAssigned { .. } => Self::NAMES[0],
            Self::CommentAdded { .. } => Self::NAMES[1],
            Self::StatusChanged { .. } => Self::NAMES[2],
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
    pub content: NotificationContent,
    pub at: Timestamp,
}

/// The sequence number of a user's latest notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotificationHead {
    pub user_id: UserId,
    pub seq: i64,
}

// @spec SPEC-005
/// The notifications that an event causes; `actor` is the name of its actor. Nobody is notified of their own action, or
/// twice.
pub fn notifications_of(event: &Event, actor: &DisplayName) -> Vec<NewNotification> {
    let task = TaskNames::from(&event.task);
    let owner = Some(event.task.owner_id);
    let (recipients, content) = match event.kind {
        EventKind::TaskAssigned { assignee_id } => {
            ([None, Some(assignee_id)], NotificationContent::TaskAssigned { task, assigned_by: actor.clone() })
        }
        EventKind::StatusChanged { old, new, assignee_id } => {
            let content = NotificationContent::StatusChanged { task, old, new, changed_by: actor.clone() };
            ([owner, assignee_id], content)
        }
        EventKind::CommentAdded { comment_id, assignee_id } => {
            ([owner, assignee_id], NotificationContent::CommentAdded { task, comment_id, author: actor.clone() })
        }
        EventKind::TaskCreated { .. } | EventKind::TaskDeleted { .. } => return Vec::new(),
    };
    let [first, second] = recipients;
    [first, second.filter(|_| second != first)]
        .into_iter()
        .flatten()
        .filter(|user| *user != event.actor_id)
        .map(|user_id| NewNotification { user_id, content: content.clone(), at: event.at })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: UserId = UserId::new(1);
    const ASSIGNEE: UserId = UserId::new(2);
    const ADMIN: UserId = UserId::new(3);

    fn name() -> DisplayName {
        DisplayName::parse("Ann".to_owned()).unwrap()
    }

    fn told(actor_id: UserId, kind: EventKind) -> Vec<UserId> {
        let task = TaskRef {
            task_id: TaskId::new(5),
            title: TaskTitle::parse("Paint".to_owned()).unwrap(),
            project_id: ProjectId::new(4),
            project: ProjectName::parse("House".to_owned()).unwrap(),
            owner_id: OWNER,
        };
        let event = Event { task, actor_id, at: Timestamp::UNIX_EPOCH, kind };
        notifications_of(&event, &name()).into_iter().map(|notification| notification.user_id).collect()
    }

    fn moved(assignee_id: Option<UserId>) -> EventKind {
        EventKind::StatusChanged { old: TaskStatus::Todo, new: TaskStatus::InProgress, assignee_id }
    }

    fn commented(assignee_id: Option<UserId>) -> EventKind {
        EventKind::CommentAdded { comment_id: CommentId::new(9), assignee_id }
    }

    #[test]
    fn only_the_new_assignee_is_notified_of_an_assignment() {
        assert_eq!(told(OWNER, EventKind::TaskAssigned { assignee_id: ASSIGNEE }), [ASSIGNEE]);
        assert_eq!(told(ADMIN, EventKind::TaskAssigned { assignee_id: OWNER }), [OWNER]);
    }

    #[test]
    fn owner_and_assignee_are_notified_of_moves_and_comments() {
        for kind in [moved, commented] {
            assert_eq!(told(ADMIN, kind(Some(ASSIGNEE))), [OWNER, ASSIGNEE]);
            assert_eq!(told(ADMIN, kind(None)), [OWNER]);
            assert_eq!(told(ASSIGNEE, kind(Some(ASSIGNEE))), [OWNER]);
            assert_eq!(told(OWNER, kind(Some(ASSIGNEE))), [ASSIGNEE]);
        }
    }

    #[test]
    fn nobody_is_notified_of_own_actions_or_twice() {
        assert_eq!(told(ASSIGNEE, EventKind::TaskAssigned { assignee_id: ASSIGNEE }), []);
        for kind in [moved, commented] {
            assert_eq!(told(OWNER, kind(Some(OWNER))), []);
            assert_eq!(told(ADMIN, kind(Some(OWNER))), [OWNER]);
        }
    }

    #[test]
    fn creation_and_deletion_notify_nobody() {
        for kind in
            [EventKind::TaskCreated { status: TaskStatus::Todo }, EventKind::TaskDeleted { status: TaskStatus::Todo }]
        {
            assert_eq!(told(ADMIN, kind), []);
        }
    }
}
