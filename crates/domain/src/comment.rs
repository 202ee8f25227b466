//! Comments on tasks.

use crate::{
    Timestamp,
    audit::AuditEntry,
    event::{Event, EventKind, TaskRef},
    id::{CommentId, TaskId, UserId},
    quota::Quotas,
    task::TaskInProject,
    text::CommentBody,
};

/// A comment. Never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Comment {
    /// Never used again, also after a deletion.
    pub id: CommentId,
    /// What it is about.
    pub task_id: TaskId,
    /// Who wrote it.
    pub author_id: UserId,
    /// For people.
    pub body: CommentBody,
    /// When it was written.
    pub created_at: Timestamp,
}

/// A comment that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewComment {
    /// What it is about.
    pub task: TaskRef,
    /// Who works on the task, as it was found.
    pub assignee_id: Option<UserId>,
    /// Who writes it.
    pub author_id: UserId,
    /// For people.
    pub body: CommentBody,
    /// Now.
    pub created_at: Timestamp,
    /// How many comments the task may have, this one included.
    pub quota: u32,
    /// The line of the audit that is committed with it, where there is to be one.
    pub audit: Option<AuditEntry>,
}

impl NewComment {
    /// A comment of `author_id` on `task`.
    pub fn on(task: &TaskInProject, author_id: UserId, body: CommentBody, now: Timestamp) -> Self {
        Self {
            task: TaskRef::new(task.task.id, &task.task.title, &task.project),
            assignee_id: task.task.assignee_id,
            author_id,
            body,
            created_at: now,
            quota: Quotas::default().comments_per_task,
            audit: None,
        }
    }

    /// What has happened once storage gave the comment `id`.
    pub fn events(&self, id: CommentId) -> Vec<Event> {
        let kind = EventKind::CommentAdded { comment_id: id, assignee_id: self.assignee_id };
        vec![Event { task: self.task.clone(), actor_id: self.author_id, at: self.created_at, kind }]
    }
}
