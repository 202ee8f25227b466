mod create;
mod delete;
mod get;
mod list;
mod update;

pub use create::CreateProject;
pub use delete::DeleteProject;
pub use list::ListProjects;
pub use update::UpdateProject;

use crate::{Config, Error, Ports};
use fasttrack_domain::{
    id::ProjectId,
    policy::{Action, Actor},
    ports::{clock::Clock, idempotency::IdempotencyRepository, project::ProjectRepository},
    project::Project,
};
use std::sync::Arc;

#[derive(Clone)]
pub struct Projects {
    pub projects: Arc<dyn ProjectRepository>,
    pub idempotency: Arc<dyn IdempotencyRepository>,
    pub clock: Arc<dyn Clock>,
    /// Maximum number of projects per user, the Inbox included.
    pub quota: u32,
}

impl Projects {
    pub(crate) fn new(ports: &Ports, config: &Config) -> Self {
        Self {
            projects: ports.repositories.projects.clone(),
            idempotency: ports.repositories.idempotency.clone(),
            clock: ports.clock.clone(),
            quota: config.quotas.projects_per_user,
        }
    }
}

/// Returns the project, if `actor` may manage it.
async fn find_managed(projects: &dyn ProjectRepository, id: ProjectId, actor: Actor) -> Result<Project, Error> {
    let project = projects.find(id).await?.ok_or(Error::NotFound("project"))?;
    actor.authorize(Action::ManageProject { owner: project.owner_id })?;
    Ok(project)
}

#[cfg(test)]
impl Projects {
    /// Returns mocks that expect no call. A test replaces those that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{idempotency::MockIdempotencyRepository, project::MockProjectRepository};
        Self {
            projects: Arc::new(MockProjectRepository::new()),
            idempotency: Arc::new(MockIdempotencyRepository::new()),
            clock: crate::fixtures::clock(),
            quota: 7,
        }
    }
}
