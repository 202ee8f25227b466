//! Notifications about other users' actions. Each user's are numbered 1, 2, 3 … without a gap, so that a client can
//! detect what it has missed.

use crate::{
    Timestamp,
    audience::Audience,
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
}

impl NotificationContent {
    /// Every [`name`](Self::name).
    pub const NAMES: [&'static str; 4] = ["task_assigned", "comment_added", "status_changed", "project_shared"];

    /// The `type` in the API; see `docs/api.md`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TaskAssigned { .. } => Self::NAMES[0],
            Self::CommentAdded { .. } => Self::NAMES[1],
            Self::StatusChanged { .. } => Self::NAMES[2],
            Self::ProjectShared { .. } => Self::NAMES[3],
        }
    }

    /// The name of the user who acted.
    pub const fn actor(&self) -> &DisplayName {
        match self {
            Self::TaskAssigned { assigned_by: name, .. }
            | Self::CommentAdded { author: name, .. }
            | Self::StatusChanged { changed_by: name, .. }
            | Self::ProjectShared { shared_by: name, .. } => name,
        }
    }

    /// Replaces the name of the user who acted.
    pub fn set_actor(&mut self, name: DisplayName) {
        match self {
            Self::TaskAssigned { assigned_by: actor, .. }
            | Self::CommentAdded { author: actor, .. }
            | Self::StatusChanged { changed_by: actor, .. }
            | Self::ProjectShared { shared_by: actor, .. } => *actor = name,
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
    /// The user who acted, whose name is in the content.
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
            | NotificationContent::StatusChanged { task, .. } => {
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
/// twice.
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
    };
    let Some(([first, second], content)) = notified else { return Vec::new() };
    let (actor_id, at) = (event.actor_id(), event.at());
    [first, second.filter(|_| second != first)]
        .into_iter()
        .flatten()
        .filter(|user| *user != actor_id)
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
        TaskEventKind::TaskCreated { .. } | TaskEventKind::TaskDeleted { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{event::ProjectShared, person::Person};

    const OWNER: UserId = UserId::new(1);
    const ASSIGNEE: UserId = UserId::new(2);
    const ADMIN: UserId = UserId::new(3);

    fn name() -> DisplayName {
        DisplayName::parse("Ann".to_owned()).unwrap()
    }

    fn told(actor_id: UserId, kind: TaskEventKind) -> Vec<UserId> {
        let task = TaskRef {
            task_id: TaskId::new(5),
            title: TaskTitle::parse("Paint".to_owned()).unwrap(),
            project_id: ProjectId::new(4),
            project: ProjectName::parse("House".to_owned()).unwrap(),
            owner_id: OWNER,
        };
        let event = TaskEvent { task, actor_id, at: Timestamp::UNIX_EPOCH, kind };
        notifications_of(&event.into(), &name()).into_iter().map(|notification| notification.user_id).collect()
    }

    fn moved(assignee_id: Option<UserId>) -> TaskEventKind {
        TaskEventKind::StatusChanged { old: TaskStatus::Todo, new: TaskStatus::InProgress, assignee_id }
    }

    fn commented(assignee_id: Option<UserId>) -> TaskEventKind {
        TaskEventKind::CommentAdded { comment_id: CommentId::new(9), assignee_id }
    }

    #[test]
    fn only_the_new_assignee_is_notified_of_an_assignment() {
        assert_eq!(told(OWNER, TaskEventKind::TaskAssigned { assignee_id: ASSIGNEE }), [ASSIGNEE]);
        assert_eq!(told(ADMIN, TaskEventKind::TaskAssigned { assignee_id: OWNER }), [OWNER]);
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
        assert_eq!(told(ASSIGNEE, TaskEventKind::TaskAssigned { assignee_id: ASSIGNEE }), []);
        for kind in [moved, commented] {
            assert_eq!(told(OWNER, kind(Some(OWNER))), []);
            assert_eq!(told(ADMIN, kind(Some(OWNER))), [OWNER]);
        }
    }

    #[test]
    fn creation_and_deletion_notify_nobody() {
        for kind in [
            TaskEventKind::TaskCreated { status: TaskStatus::Todo },
            TaskEventKind::TaskDeleted { status: TaskStatus::Todo },
        ] {
            assert_eq!(told(ADMIN, kind), []);
        }
    }

    fn shared(actor_id: UserId) -> Vec<NewNotification> {
        let project = ProjectName::parse("House".to_owned()).unwrap();
        let (project_id, role) = (ProjectId::new(4), GrantedRole::Editor);
        let event = ProjectShared { project_id, project, user_id: ASSIGNEE, role, actor_id, at: Timestamp::UNIX_EPOCH };
        notifications_of(&event.into(), &name())
    }

    #[test]
    fn new_member_is_notified_unless_it_added_itself() {
        let [notification] = <[_; 1]>::try_from(shared(OWNER)).unwrap();
        assert_eq!((notification.user_id, notification.actor_id), (ASSIGNEE, OWNER));
        let audience = Audience { user_id: ASSIGNEE, project_id: ProjectId::new(4), task_id: None };
        assert_eq!((notification.content.name(), notification.audience()), ("project_shared", audience));
        assert_eq!(shared(ASSIGNEE), []);
    }

    #[test]
    fn name_of_the_actor_is_replaced_in_every_content() {
        let task = || TaskNames {
            task_id: TaskId::new(5),
            task: TaskTitle::parse("Paint".to_owned()).unwrap(),
            project_id: ProjectId::new(4),
            project: ProjectName::parse("House".to_owned()).unwrap(),
        };
        let (old, new) = (TaskStatus::Todo, TaskStatus::Done);
        for mut content in [
            NotificationContent::TaskAssigned { task: task(), assigned_by: name() },
            NotificationContent::CommentAdded { task: task(), comment_id: CommentId::new(9), author: name() },
            NotificationContent::StatusChanged { task: task(), old, new, changed_by: name() },
            shared(OWNER).remove(0).content,
        ] {
            assert_eq!(content.actor(), &name());
            content.set_actor(Person::deleted_name());
            assert_eq!(content.actor(), &Person::deleted_name());
        }
    }
}
