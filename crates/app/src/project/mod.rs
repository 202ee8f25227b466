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
    membership::SharingConflict,
    policy::{Actor, ProjectAction},
    ports::{clock::Clock, idempotency::IdempotencyRepository, project::ProjectRepository},
    project::{Project, ProjectView},
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

/// The project, if `actor` may do this in it.
pub(crate) async fn find(
    projects: &dyn ProjectRepository,
    id: ProjectId,
    actor: &Actor,
    action: ProjectAction,
) -> Result<ProjectView, Error> {
    let found = projects.find(id, actor.id).await?.ok_or(Error::NotFound("project"))?;
    actor.authorize(found.action(action))?;
    Ok(found)
}

/// Refuses to share an Inbox. No project becomes one later, so that the answer stays true.
pub(crate) async fn refuse_inbox(projects: &dyn ProjectRepository, project: &Project) -> Result<(), Error> {
    match projects.find_inbox(project.owner_id).await? {
        Some(inbox) if inbox.project.id == project.id => Err(SharingConflict::Inbox.into()),
        _ => Ok(()),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, project, run, view, view_of};
    use fasttrack_domain::ports::project::MockProjectRepository;

    #[test]
    fn only_the_inbox_itself_is_not_shared() {
        let other = Project { id: ProjectId::new(404), ..project() };
        for (inbox, is_refused) in
            [(Some(view(OWNER.id)), true), (Some(view_of(other, OWNER.id)), false), (None, false)]
        {
            let mut projects = MockProjectRepository::new();
            projects.expect_find_inbox().times(1).withf(|owner| *owner == OWNER.id).return_once(|_| Ok(inbox));
            let result = run(refuse_inbox(&projects, &project()));
            assert_eq!(matches!(result, Err(Error::Sharing(SharingConflict::Inbox))), is_refused);
            assert_eq!(result.is_ok(), !is_refused);
        }
    }
}
