//! Comments on tasks. A comment can't be changed, only deleted.

use crate::{
    Timestamp,
    audit::AuditEntry,
    event::{TaskEvent, TaskEventKind, TaskRef},
    id::{CommentId, ProjectId, TaskId, UserId},
    person::Person,
    policy::Action,
    quota::Quotas,
    task::TaskInProject,
    text::CommentBody,
};

/// A user's text about a task.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Comment {
    /// Ids of deleted comments are not reused.
    pub id: CommentId,
    pub task_id: TaskId,
    pub author_id: UserId,
    pub body: CommentBody,
    pub created_at: Timestamp,
}

/// A comment as users see it, read in one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CommentView {
    pub comment: Comment,
    /// The author under its present name.
    pub author: Person,
}

/// A comment with the project of its task, read in one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentInProject {
    pub comment: Comment,
    pub project_id: ProjectId,
}

impl CommentInProject {
    /// What the policy needs to decide on the comment's deletion.
    pub fn deletion(&self) -> Action {
        Action::DeleteComment { project: self.project_id, author: self.comment.author_id }
    }
}

/// A comment that is not yet stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewComment {
    pub task: TaskRef,
    /// The task's assignee when the task was loaded.
    pub assignee_id: Option<UserId>,
    pub author_id: UserId,
    pub body: CommentBody,
    pub created_at: Timestamp,
    /// Maximum number of comments in the task, this one included.
    pub quota: u32,
    /// Whether the comment is recorded for webhooks.
    pub is_watched: bool,
    /// The audit entry that is committed with the comment.
    pub audit: Option<AuditEntry>,
}

/// The deletion of a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentRemoval {
    pub id: CommentId,
    pub actor_id: UserId,
    pub at: Timestamp,
    /// The audit entry that is committed with the deletion.
    pub audit: Option<AuditEntry>,
}

impl NewComment {
    pub fn on(task: &TaskInProject, author_id: UserId, body: CommentBody, now: Timestamp) -> Self {
        Self {
            task: TaskRef::new(task.task.id, &task.task.title, &task.project),
            assignee_id: task.task.assignee_id,
            author_id,
            body,
            created_at: now,
            quota: Quotas::default().comments_per_task,
            is_watched: task.project.has_webhooks,
            audit: None,
        }
    }

    /// The comment that storage creates, for the id that it assigned.
    pub fn stored(&self, id: CommentId) -> Comment {
        let (task_id, author_id) = (self.task.task_id, self.author_id);
        Comment { id, task_id, author_id, body: self.body.clone(), created_at: self.created_at }
    }

    /// The events of this creation, for the id that storage assigned.
    pub fn events(&self, id: CommentId) -> Vec<TaskEvent> {
        let kind = TaskEventKind::CommentAdded { comment_id: id, assignee_id: self.assignee_id };
        vec![TaskEvent { task: self.task.clone(), actor_id: self.author_id, at: self.created_at, kind }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        membership::MemberRole,
        project::{Project, ProjectStatus},
        task::{NewTask, TaskDraft, TaskProject},
    };

    #[test]
    fn a_new_comment_causes_one_event_of_its_author() {
        let (owner, author, at) = (UserId::new(1), UserId::new(2), Timestamp::UNIX_EPOCH);
        let project = Project {
            id: ProjectId::new(7),
            name: "Garden".parse().unwrap(),
            description: None,
            status: ProjectStatus::Active,
            owner_id: owner,
            created_at: at,
            updated_at: at,
            version: 1,
        };
        let project = TaskProject::new(project, Some(MemberRole::Owner));
        let draft = TaskDraft { assignee_id: Some(owner), ..TaskDraft::new("Paint".parse().unwrap()) };
        let task = NewTask::new(project.clone(), draft, owner, at, 9).stored(TaskId::new(9));
        let task = TaskInProject { task, assignee: None, labels: Vec::new(), project };
        let comment = NewComment::on(&task, author, "Which red?".parse().unwrap(), at);
        let kind = TaskEventKind::CommentAdded { comment_id: CommentId::new(3), assignee_id: Some(owner) };
        let reference = TaskRef::new(TaskId::new(9), &task.task.title, &task.project);
        let event = TaskEvent { task: reference, actor_id: author, at, kind };
        assert_eq!(comment.events(CommentId::new(3)), [event]);
    }
}
