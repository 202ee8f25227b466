use super::{Projects, find};
use crate::Error;
use fasttrack_domain::{
    id::ProjectId,
    policy::{Actor, ProjectAction},
    project::ProjectView,
};

impl Projects {
    /// Returns a project that the actor may manage. Fails with [`Error::NotFound`] or [`Error::Forbidden`].
    #[tracing::instrument(name = "project.get", skip_all)]
    pub async fn get(&self, actor: Actor, id: ProjectId) -> Result<ProjectView, Error> {
        find(&*self.projects, id, &actor, ProjectAction::Read).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, narrowed, project, run, view};
    use fasttrack_domain::ports::project::MockProjectRepository;
    use std::sync::Arc;

    fn get(actor: Actor, id: ProjectId) -> Result<ProjectView, Error> {
        let mut projects = MockProjectRepository::new();
        projects.expect_find().times(1).returning(|id, reader| Ok((id == project().id).then(|| view(reader))));
        run(Projects { projects: Arc::new(projects), ..Projects::mocked() }.get(actor, id))
    }

    #[test]
    fn members_and_admin_see_a_project_with_their_role() {
        for actor in [OWNER, EDITOR, COMMENTER, VIEWER, ADMIN] {
            assert_eq!(get(actor.clone(), project().id).unwrap(), view(actor.id));
        }
    }

    #[test]
    fn token_for_other_projects_sees_no_project() {
        for actor in [OWNER, ADMIN] {
            let refused = get(narrowed(actor.clone(), &[8]), project().id);
            assert!(matches!(refused, Err(Error::Forbidden(refusal)) if refusal.0.contains("other projects")));
            assert!(get(narrowed(actor, &[7, 8]), project().id).is_ok());
        }
    }

    #[test]
    fn others_are_refused_what_exists_and_do_not_find_what_does_not() {
        for actor in [ASSIGNEE, STRANGER] {
            assert!(matches!(get(actor.clone(), project().id), Err(Error::Forbidden(_))));
            assert!(matches!(get(actor, ProjectId::new(404)), Err(Error::NotFound("project"))));
        }
    }
}
