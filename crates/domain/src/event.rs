//! What happened, for those who weren't there. Events are committed with the change that causes them and turned
//! into notifications, statistics and mail afterwards. They carry the names of their time, so that they can be
//! told when the task is gone.

use crate::{
    Timestamp,
    id::{CommentId, ProjectId, TaskId, UserId},
    task::{TaskProject, TaskStatus},
    text::{ProjectName, TaskTitle},
};

/// The task that an event is about, as it was then.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TaskRef {
    /// The task.
    pub task_id: TaskId,
    /// Its title.
    pub title: TaskTitle,
    /// Its project.
    pub project_id: ProjectId,
    /// The project's name.
    pub project: ProjectName,
    /// Whose project it is.
    pub owner_id: UserId,
}

impl TaskRef {
    /// Copies what an event keeps.
    pub fn new(id: TaskId, title: &TaskTitle, project: &TaskProject) -> Self {
        Self {
            task_id: id,
            title: title.clone(),
            project_id: project.id,
            project: project.name.clone(),
            owner_id: project.owner_id,
        }
    }
}

/// Something that happened to a task.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Event {
    /// To which.
    pub task: TaskRef,
    /// Who did it.
    pub actor_id: UserId,
    /// When.
    pub at: Timestamp,
    /// What.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum EventKind {
    /// The task was made.
    TaskCreated {
        /// Its first status.
        status: TaskStatus,
    },
    /// The task has a new assignee.
    TaskAssigned {
        /// Who is to work on it.
        assignee_id: UserId,
    },
    /// The task moved.
    StatusChanged {
        /// From where.
        old: TaskStatus,
        /// To where.
        new: TaskStatus,
        /// Who works on it after the change.
        assignee_id: Option<UserId>,
    },
    /// The task is gone.
    TaskDeleted {
        /// Its last status.
        status: TaskStatus,
    },
    /// Somebody commented.
    CommentAdded {
        /// The comment.
        comment_id: CommentId,
        /// Who worked on the task then.
        assignee_id: Option<UserId>,
    },
}

impl EventKind {
    /// The kind as storage names it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TaskCreated { .. } => "task_created",
            Self::TaskAssigned { .. } => "task_assigned",
            Self::StatusChanged { .. } => "status_changed",
            Self::TaskDeleted { .. } => "task_deleted",
            Self::CommentAdded { .. } => "comment_added",
        }
    }
}
