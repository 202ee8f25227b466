//! Somebody looks at a project.

use super::find_managed;
use crate::Error;
use fasttrack_domain::{id::ProjectId, policy::Actor, ports::project::ProjectRepository, project::Project};
use std::sync::Arc;

/// Which project.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
    /// Which.
    pub id: ProjectId,
}

/// Shows a project.
pub struct GetProject {
    projects: Arc<dyn ProjectRepository>,
}

impl GetProject {
    /// Over this port.
    pub fn new(projects: Arc<dyn ProjectRepository>) -> Self {
        Self { projects }
    }

    /// The project. [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn execute(&self, command: Command) -> Result<Project, Error> {
        find_managed(&*self.projects, command.id, command.actor).await
    }
}
