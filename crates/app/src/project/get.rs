use super::{Projects, find_managed};
use crate::Error;
use fasttrack_domain::{id::ProjectId, policy::Actor, project::Project};

impl Projects {
    /// Returns a project that the actor may manage. Fails with [`Error::NotFound`] or [`Error::Forbidden`].
    #[tracing::instrument(name = "project.get", skip_all)]
    pub async fn get(&self, actor: Actor, id: ProjectId) -> Result<Project, Error> {
        find_managed(&*self.projects, id, actor).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, ASSIGNEE, OWNER, STRANGER, project, run};
    use fasttrack_domain::ports::project::MockProjectRepository;
    use std::sync::Arc;

    fn get(actor: Actor, id: ProjectId) -> Result<Project, Error> {
        let mut projects = MockProjectRepository::new();
        projects.expect_find().times(1).returning(|id| Ok((id == project().id).then(project)));
        run(Projects { projects: Arc::new(projects), ..Projects::mocked() }.get(actor, id))
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
