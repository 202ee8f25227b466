//! What an event changes in the change feed.

use super::{Change, Event, TaskEvent, TaskEventKind};
use crate::{
    change::Thing,
    id::{ProjectId, UserId},
};

// @spec SPEC-026
impl Event {
    /// The project of everything that the event names.
    pub const fn project_id(&self) -> ProjectId {
        match self {
            Self::Task(event) => event.task.project_id,
            Self::ProjectShared(event) => event.project_id,
            Self::Change(event) => event.project_id,
            Self::Touched(event) => event.project_id,
        }
    }

    /// The things that it changes in the feed.
    pub fn things(&self) -> Vec<Thing> {
        match self {
            Self::Task(event) => vec![event.thing()],
            Self::ProjectShared(event) => vec![Thing::member(event.user_id)],
            Self::Change(event) => vec![event.change.thing()],
            Self::Touched(event) => event.things.clone(),
        }
    }

    /// The user whom its tasks were assigned to until then, see [`Touched::former_assignee`](super::Touched).
    pub const fn former_assignee(&self) -> Option<UserId> {
        match self {
            Self::Task(_) | Self::ProjectShared(_) | Self::Change(_) => None,
            Self::Touched(event) => event.former_assignee,
        }
    }

    /// The users who gain or lose the whole project by it, see [`Touched::audience`](super::Touched).
    pub fn audience(&self) -> Vec<UserId> {
        match self {
            Self::Task(_) => Vec::new(),
            Self::ProjectShared(event) => vec![event.user_id],
            Self::Change(event) => event.change.audience().into_iter().collect(),
            Self::Touched(event) => event.audience.clone(),
        }
    }
}

impl TaskEvent {
    const fn thing(&self) -> Thing {
        let task = self.task.task_id;
        match self.kind {
            TaskEventKind::TaskCreated { .. }
            | TaskEventKind::TaskAssigned { .. }
            | TaskEventKind::StatusChanged { .. }
            | TaskEventKind::ReminderDue { .. } => Thing::task(task),
            TaskEventKind::TaskDeleted { .. } => Thing::task(task).deleted(),
            TaskEventKind::CommentAdded { comment_id, .. } => Thing::comment(comment_id, task),
        }
    }
}

impl Change {
    const fn thing(&self) -> Thing {
        match self {
            Self::TaskCreated(view) | Self::TaskUpdated(view) => Thing::task(view.task.id),
            Self::TaskDeleted(view) => Thing::task(view.task.id).deleted(),
            Self::CommentCreated(view) => Thing::comment(view.comment.id, view.comment.task_id),
            Self::CommentDeleted(view) => Thing::comment(view.comment.id, view.comment.task_id).deleted(),
            Self::ProjectUpdated(project) => Thing::project(project.id),
            Self::MemberAdded(member) => Thing::member(member.user_id),
            Self::MemberRemoved(member) => Thing::member(member.user_id).deleted(),
        }
    }

    const fn audience(&self) -> Option<UserId> {
        match self {
            Self::MemberAdded(member) | Self::MemberRemoved(member) => Some(member.user_id),
            Self::TaskCreated(_)
            | Self::TaskUpdated(_)
            | Self::TaskDeleted(_)
            | Self::CommentCreated(_)
            | Self::CommentDeleted(_)
            | Self::ProjectUpdated(_) => None,
        }
    }
}
