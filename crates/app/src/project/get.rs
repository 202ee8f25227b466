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
    #[tracing::instrument(name = "project.get", skip_all)]
    pub async fn execute(&self, command: Command) -> Result<Project, Error> {
        find_managed(&*self.projects, command.id, command.actor).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, ASSIGNEE, OWNER, STRANGER, project, run};
    use fasttrack_domain::ports::project::MockProjectRepository;

    fn get(actor: Actor, id: ProjectId) -> Result<Project, Error> {
        let mut projects = MockProjectRepository::new();
        projects.expect_find().times(1).returning(|id| Ok((id == project().id).then(project)));
        run(GetProject::new(Arc::new(projects)).execute(Command { actor, id }))
    }

    #[test]
    fn owner_and_admin_see_a_project() {
        for actor in [OWNER, ADMIN] {
            assert_eq!(get(actor, project().id).unwrap(), project());
        }
    }

    #[test]
    fn others_are_refused_what_exists_and_do_not_find_what_does_not() {
        for actor in [ASSIGNEE, STRANGER] {
            assert!(matches!(get(actor, project().id), Err(Error::Forbidden(_))));
            assert!(matches!(get(actor, ProjectId::new(404)), Err(Error::NotFound("project"))));
        }
    }
}
