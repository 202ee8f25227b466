//! The things that the feed shows.

use crate::{
    id::{CommentId, LabelId, ProjectId, TaskId, UserId},
    string_enum::string_enum,
};

/// The kind of a thing in the feed. A listing of a project has the kinds in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum ThingKind {
    Project,
    Member,
    Label,
    Task,
    Comment,
}

string_enum!(ThingKind {
    Project = "project",
    Member = "member",
    Label = "label",
    Task = "task",
    Comment = "comment",
});

/// A thing that changed, without its content. The feed reads the content when it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Thing {
    pub kind: ThingKind,
    /// The id of a project, label, task or comment; of a member that of its user.
    pub id: i64,
    /// The task of a comment; `None` for other kinds.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub task_id: Option<TaskId>,
    /// Whether the thing was deleted.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    pub is_deleted: bool,
}

impl Thing {
    const fn new(kind: ThingKind, id: i64, task_id: Option<TaskId>) -> Self {
        Self { kind, id, task_id, is_deleted: false }
    }

    pub const fn project(id: ProjectId) -> Self {
        Self::new(ThingKind::Project, id.get(), None)
    }

    pub const fn member(user_id: UserId) -> Self {
        Self::new(ThingKind::Member, user_id.get(), None)
    }

    pub const fn label(id: LabelId) -> Self {
        Self::new(ThingKind::Label, id.get(), None)
    }

    pub const fn task(id: TaskId) -> Self {
        Self::new(ThingKind::Task, id.get(), None)
    }

    /// A comment on this task.
    pub const fn comment(id: CommentId, task_id: TaskId) -> Self {
        Self::new(ThingKind::Comment, id.get(), Some(task_id))
    }

    /// The thing as a deleted one.
    #[must_use]
    pub const fn deleted(self) -> Self {
        Self { is_deleted: true, ..self }
    }
}
