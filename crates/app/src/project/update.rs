//! Somebody changes a project.

use super::find_managed;
use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    id::ProjectId,
    policy::Actor,
    ports::{clock::Clock, project::ProjectRepository},
    precondition::Precondition,
    project::{Project, ProjectPatch},
};
use std::sync::Arc;

/// What is to change.
#[derive(Clone, Debug)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
    /// Which project.
    pub id: ProjectId,
    /// Absent fields stay as they are.
    pub patch: ProjectPatch,
    /// What the change must be based on.
    pub precondition: Precondition,
}

/// Changes a project.
pub struct UpdateProject {
    projects: Arc<dyn ProjectRepository>,
    clock: Arc<dyn Clock>,
}

impl UpdateProject {
    /// Over these ports.
    pub fn new(projects: Arc<dyn ProjectRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { projects, clock }
    }

    /// The project as it stands now. [`Error::NotFound`], [`Error::Forbidden`], [`Error::PreconditionFailed`].
    pub async fn execute(&self, command: Command) -> Result<Project, Error> {
        until_committed(|| self.attempt(&command)).await
    }

    async fn attempt(&self, command: &Command) -> Result<Option<Project>, Error> {
        let project = find_managed(&*self.projects, command.id, command.actor).await?;
        command.precondition.check(project.version)?;
        match project.apply(command.patch.clone(), self.clock.now()) {
            Some(change) => Ok(self.projects.save(change).await?),
            None => Ok(Some(project)),
        }
    }
}
