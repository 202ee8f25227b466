//! Somebody begins a project.

use crate::Error;
use fasttrack_domain::{
    policy::Actor,
    ports::{clock::Clock, project::ProjectRepository},
    project::{NewProject, Project},
    text::{Description, ProjectName},
};
use std::sync::Arc;

/// The project that is wanted.
#[derive(Clone, Debug)]
pub struct Command {
    /// Who asks, and will own it.
    pub actor: Actor,
    /// For people.
    pub name: ProjectName,
    /// For people.
    pub description: Option<Description>,
}

/// Makes an active project of the actor's.
pub struct CreateProject {
    projects: Arc<dyn ProjectRepository>,
    clock: Arc<dyn Clock>,
}

impl CreateProject {
    /// Over these ports.
    pub fn new(projects: Arc<dyn ProjectRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { projects, clock }
    }

    /// The new project.
    pub async fn execute(&self, command: Command) -> Result<Project, Error> {
        let Command { actor, name, description } = command;
        let project = NewProject { name, description, owner_id: actor.id, created_at: self.clock.now() };
        Ok(self.projects.create(project).await?)
    }
}
