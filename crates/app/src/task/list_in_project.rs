//! Somebody looks through the tasks of a project.

use crate::Error;
use fasttrack_domain::{
    id::ProjectId,
    page::{Page, PageRequest},
    policy::{Action, Actor},
    ports::task::TaskRepository,
    task::{Task, TaskFilter},
};
use std::sync::Arc;

/// Which tasks.
#[derive(Clone, Debug)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
    /// Of which project.
    pub project_id: ProjectId,
    /// All of them where nothing is set.
    pub filter: TaskFilter,
    /// Which part of the list.
    pub page: PageRequest,
}

/// Lists a project's tasks.
pub struct ListProjectTasks {
    tasks: Arc<dyn TaskRepository>,
}

impl ListProjectTasks {
    /// Over this port.
    pub fn new(tasks: Arc<dyn TaskRepository>) -> Self {
        Self { tasks }
    }

    /// The page. [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn execute(&self, command: Command) -> Result<Page<Task>, Error> {
        let Command { actor, project_id, filter, page } = command;
        let found = self.tasks.list_in_project(project_id, filter, page).await?.ok_or(Error::NotFound("project"))?;
        actor.must(Action::ManageProject { owner: found.owner_id })?;
        Ok(found.page)
    }
}
