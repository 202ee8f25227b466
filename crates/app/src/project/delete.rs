//! Somebody deletes a project.

use super::find_managed;
use crate::{Error, retry::until_committed};
use fasttrack_domain::{id::ProjectId, policy::Actor, ports::project::ProjectRepository, precondition::Precondition};
use std::sync::Arc;

/// What is to go.
#[derive(Clone, Debug)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
    /// Which project.
    pub id: ProjectId,
    /// Which version must stand.
    pub precondition: Precondition,
}

/// Deletes a project with its tasks and their comments.
pub struct DeleteProject {
    projects: Arc<dyn ProjectRepository>,
}

impl DeleteProject {
    /// Over this port.
    pub fn new(projects: Arc<dyn ProjectRepository>) -> Self {
        Self { projects }
    }

    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::PreconditionFailed`].
    pub async fn execute(&self, command: Command) -> Result<(), Error> {
        until_committed(|| self.attempt(&command)).await
    }

    async fn attempt(&self, command: &Command) -> Result<Option<()>, Error> {
        let project = find_managed(&*self.projects, command.id, command.actor).await?;
        command.precondition.check(project.version)?;
        Ok(self.projects.delete(project.id, project.version).await?.then_some(()))
    }
}
