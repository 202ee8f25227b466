//! Somebody adds a task to a project.

use super::check_assignee;
use crate::{
    Error,
    retry::{unless_reference_gone, until_committed},
};
use fasttrack_domain::{
    id::{ProjectId, UserId},
    policy::{Action, Actor},
    ports::{clock::Clock, task::TaskRepository, user::UserRepository},
    task::{NewTask, Task, TaskPriority, TaskStatus},
    text::{Description, TaskTitle},
};
use std::sync::Arc;

/// The task that is wanted.
#[derive(Clone, Debug)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
    /// Where it belongs.
    pub project_id: ProjectId,
    /// For people.
    pub title: TaskTitle,
    /// For people.
    pub description: Option<Description>,
    /// `todo` where absent.
    pub status: Option<TaskStatus>,
    /// `medium` where absent.
    pub priority: Option<TaskPriority>,
    /// Who is to work on it: an active user.
    pub assignee_id: Option<UserId>,
}

/// Makes a task.
pub struct CreateTask {
    tasks: Arc<dyn TaskRepository>,
    users: Arc<dyn UserRepository>,
    clock: Arc<dyn Clock>,
}

impl CreateTask {
    /// Over these ports.
    pub fn new(tasks: Arc<dyn TaskRepository>, users: Arc<dyn UserRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { tasks, users, clock }
    }

    /// The new task. [`Error::NotFound`], [`Error::Forbidden`], [`Error::Validation`] (`unknown_user` on
    /// `assignee_id`), [`Error::Archived`].
    pub async fn execute(&self, command: Command) -> Result<Task, Error> {
        until_committed(|| self.attempt(&command)).await
    }

    async fn attempt(&self, command: &Command) -> Result<Option<Task>, Error> {
        let project = self.tasks.find_project(command.project_id).await?.ok_or(Error::NotFound("project"))?;
        command.actor.must(Action::ManageProject { owner: project.owner_id })?;
        if let Some(assignee) = command.assignee_id {
            check_assignee(&*self.users, assignee).await?;
        }
        project.status.takes_tasks()?;
        let task = NewTask {
            project,
            title: command.title.clone(),
            description: command.description.clone(),
            status: command.status.unwrap_or(TaskStatus::Todo),
            priority: command.priority.unwrap_or_default(),
            assignee_id: command.assignee_id,
            created_by: command.actor.id,
            created_at: self.clock.now(),
        };
        unless_reference_gone(self.tasks.create(task).await)
    }
}
