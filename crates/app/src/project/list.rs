//! Somebody looks through projects.

use crate::Error;
use fasttrack_domain::{
    page::{Page, PageRequest},
    policy::{Action, Actor},
    ports::project::ProjectRepository,
    project::{Project, ProjectFilter, ProjectStatus},
};
use std::sync::Arc;

/// Which projects.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
    /// Only of this status.
    pub status: Option<ProjectStatus>,
    /// Which part of the list.
    pub page: PageRequest,
}

/// Lists the actor's own projects, and to an administrator everybody's.
pub struct ListProjects {
    projects: Arc<dyn ProjectRepository>,
}

impl ListProjects {
    /// Over this port.
    pub fn new(projects: Arc<dyn ProjectRepository>) -> Self {
        Self { projects }
    }

    /// The page.
    pub async fn execute(&self, command: Command) -> Result<Page<Project>, Error> {
        let Command { actor, status, page } = command;
        let owner_id = (!actor.can(Action::ListAllProjects)).then_some(actor.id);
        Ok(self.projects.list(ProjectFilter { owner_id, status }, page).await?)
    }
}
