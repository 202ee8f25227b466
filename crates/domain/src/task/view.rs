//! Tasks with what is read along with them.

use super::Task;
use crate::{
    event::TaskRef,
    id::{ProjectId, TaskId, UserId},
    label::Label,
    membership::MemberRole,
    person::Person,
    policy::{Action, ProjectAction, TaskAction},
    project::{Project, ProjectStatus, ProjectView},
    text::{ProjectName, TaskTitle},
};

/// A task as users see it, read in one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TaskView {
    pub task: Task,
    /// The assignee under its present name.
    pub assignee: Option<Person>,
    /// The labels as they are now, by ascending id.
    pub labels: Vec<Label>,
}

/// The part of a project that decisions on its tasks need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskProject {
    pub id: ProjectId,
    pub name: ProjectName,
    pub owner_id: UserId,
    pub status: ProjectStatus,
    /// The role of the user who reads it; `None` where the user is no member.
    pub membership: Option<MemberRole>,
    /// Whether the project has an active webhook.
    pub has_webhooks: bool,
}

impl TaskProject {
    /// The project for a user with this role, without an active webhook.
    pub fn new(project: Project, membership: Option<MemberRole>) -> Self {
        ProjectView { project, membership, has_webhooks: false }.into()
    }

    /// What the policy needs to decide on an action of the user who reads it.
    pub fn action(&self, action: ProjectAction) -> Action {
        Action::InProject { project: self.id, action, membership: self.membership }
    }
}

impl From<ProjectView> for TaskProject {
    fn from(ProjectView { project, membership, has_webhooks }: ProjectView) -> Self {
        let Project { id, name, owner_id, status, .. } = project;
        Self { id, name, owner_id, status, membership, has_webhooks }
    }
}

/// A task with its project, read in one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskInProject {
    pub task: Task,
    /// The assignee under its present name.
    pub assignee: Option<Person>,
    /// The labels as they are now, by ascending id.
    pub labels: Vec<Label>,
    pub project: TaskProject,
}

impl TaskInProject {
    /// What the policy needs to decide on an action of the user who reads it.
    pub fn action(&self, action: TaskAction) -> Action {
        let TaskProject { id: project, membership, .. } = self.project;
        Action::OnTask { project, action, membership, assignee: self.task.assignee_id }
    }
}

impl From<TaskInProject> for TaskView {
    fn from(TaskInProject { task, assignee, labels, .. }: TaskInProject) -> Self {
        Self { task, assignee, labels }
    }
}

impl TaskRef {
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
