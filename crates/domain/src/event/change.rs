//! Changes with the whole thing that changed, which webhooks send.

use crate::{
    Timestamp,
    comment::CommentView,
    id::{ProjectId, TaskId, UserId},
    membership::Member,
    project::Project,
    task::TaskView,
    text::DisplayName,
    webhook::WebhookEventType,
};

/// A committed change in a project that had an active webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ProjectChanged {
    pub project_id: ProjectId,
    /// The user who caused it.
    pub actor_id: UserId,
    pub at: Timestamp,
    pub change: Box<Change>,
}

impl ProjectChanged {
    /// The [`name`](super::Event::name) of its event.
    pub const NAME: &'static str = "project_changed";
}

/// What changed, as it was after the change, and before a deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "change", content = "payload", rename_all = "snake_case")
)]
pub enum Change {
    TaskCreated(TaskView),
    TaskUpdated(TaskView),
    TaskDeleted(TaskView),
    CommentCreated(CommentView),
    CommentDeleted(CommentView),
    ProjectUpdated(Project),
    /// The member is without its address.
    MemberAdded(Member),
    /// The member is without its address.
    MemberRemoved(Member),
}

impl Change {
    /// The type that webhooks subscribe to.
    pub const fn kind(&self) -> WebhookEventType {
        match self {
            Self::TaskCreated(_) => WebhookEventType::TaskCreated,
            Self::TaskUpdated(_) => WebhookEventType::TaskUpdated,
            Self::TaskDeleted(_) => WebhookEventType::TaskDeleted,
            Self::CommentCreated(_) => WebhookEventType::CommentCreated,
            Self::CommentDeleted(_) => WebhookEventType::CommentDeleted,
            Self::ProjectUpdated(_) => WebhookEventType::ProjectUpdated,
            Self::MemberAdded(_) => WebhookEventType::MemberAdded,
            Self::MemberRemoved(_) => WebhookEventType::MemberRemoved,
        }
    }

    /// The task that changed, or whose comment did.
    pub const fn task_id(&self) -> Option<TaskId> {
        match self {
            Self::TaskCreated(view) | Self::TaskUpdated(view) | Self::TaskDeleted(view) => Some(view.task.id),
            Self::CommentCreated(view) | Self::CommentDeleted(view) => Some(view.comment.task_id),
            Self::ProjectUpdated(_) | Self::MemberAdded(_) | Self::MemberRemoved(_) => None,
        }
    }

    /// The user that it names: the assignee, the author or the member.
    pub fn person(&self) -> Option<UserId> {
        match self {
            Self::TaskCreated(view) | Self::TaskUpdated(view) | Self::TaskDeleted(view) => {
                view.assignee.as_ref().map(|assignee| assignee.id)
            }
            Self::CommentCreated(view) | Self::CommentDeleted(view) => Some(view.author.id),
            Self::MemberAdded(member) | Self::MemberRemoved(member) => Some(member.user_id),
            Self::ProjectUpdated(_) => None,
        }
    }

    /// Replaces the name of this user, where it is the one that the change [names](Self::person).
    pub fn rename(&mut self, user: UserId, name: &DisplayName) {
        if self.person() != Some(user) {
            return;
        }
        match self {
            Self::TaskCreated(view) | Self::TaskUpdated(view) | Self::TaskDeleted(view) => {
                if let Some(assignee) = &mut view.assignee {
                    assignee.display_name = name.clone();
                }
            }
            Self::CommentCreated(view) | Self::CommentDeleted(view) => view.author.display_name = name.clone(),
            Self::MemberAdded(member) | Self::MemberRemoved(member) => member.display_name = name.clone(),
            Self::ProjectUpdated(_) => {}
        }
    }
}
